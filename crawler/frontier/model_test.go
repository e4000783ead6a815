package frontier

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Random crawls under random limits, with everything that a crawler may do to a host in between: no limit is overstepped, no URL is
// handed out twice at a time, nothing waits that could go, and all comes to its end.
func TestSchedulerModel(t *testing.T) {
	t.Parallel()
	seeds := 150
	if testing.Short() {
		seeds = 30
	}
	for seed := range uint64(seeds) {
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) {
			bubble(t, func(t *testing.T) { newModel(t, seed).run() })
		}) {
			return
		}
	}
}

// schedulerModel knows of each URL and each host what may happen to it next.
type schedulerModel struct {
	t *testing.T
	s *scheduler

	mu     sync.Mutex // guards all below; held while the scheduler is told something
	r      *rand.Rand
	nextID uint32
	urls   map[uint32]*modelURL
	hosts  map[string]*modelHost
	placed map[string]*modelPlace
	left   int // that may still be found
}

type modelURL struct {
	host      *modelHost
	depth     int32
	requisite bool
	out, done bool
	notBefore time.Time
}

type modelHost struct {
	name          string
	inflight      int
	pages         int64
	last          time.Time
	interval, gap time.Duration
	paused        time.Time
	changed       time.Time // when one of these was
	place         *modelPlace
}

type modelPlace struct {
	inflight int
	last     time.Time
}

func newModel(t *testing.T, seed uint64) *schedulerModel {
	r := rand.New(rand.NewPCG(seed, 4711))
	pick := func(of ...float64) float64 { return of[r.IntN(len(of))] }
	s := newScheduler(politeness{
		rate: pick(0, 0, 0.5, 20), concurrency: int(pick(1, 2, 4)), addressRate: pick(0, 0.2, 10), addressConcurrency: int(pick(0, 1, 1, 3)),
		pages: int64(pick(0, 0, 1, 5)),
	})
	m := &schedulerModel{
		t: t, s: s, r: r, urls: map[uint32]*modelURL{}, hosts: map[string]*modelHost{}, placed: map[string]*modelPlace{}, left: 150,
	}
	m.mu.Lock()
	s.push(m.find(20))
	m.mu.Unlock()
	return m
}

// find makes up to n URLs of random hosts. mu is held.
func (m *schedulerModel) find(n int) []placed {
	var jobs []placed
	for ; n > 0 && m.left > 0; n-- {
		m.left--
		h := m.host(m.r.IntN(8))
		u := &modelURL{host: h, depth: int32(m.r.IntN(3)), requisite: m.r.IntN(5) == 0}
		jobs = append(jobs, placed{m.s.intern(h.name), job{id: m.nextID, depth: u.depth, attempt: 1, requisite: u.requisite}})
		m.urls[m.nextID] = u
		m.nextID++
	}
	return jobs
}

func (m *schedulerModel) host(i int) *modelHost {
	name := fmt.Sprint("h", i)
	h := m.hosts[name]
	if h == nil {
		h = &modelHost{name: name}
		if r := m.s.polite.rate; r > 0 {
			h.interval = time.Duration(float64(time.Second) / r)
		}
		m.hosts[name] = h
	}
	return h
}

func (m *schedulerModel) run() {
	ctx, cancel := context.WithTimeout(m.t.Context(), 100*24*time.Hour)
	defer cancel()
	var workers, meddlers sync.WaitGroup
	over := make(chan struct{})
	for range 1 + m.r.IntN(8) {
		workers.Go(func() { m.work(ctx) })
	}
	meddlers.Go(func() { m.meddle(over) })
	meddlers.Go(func() { m.audit(over) })
	workers.Wait()
	close(over)
	meddlers.Wait()
	m.s.stop()
	m.mu.Lock()
	defer m.mu.Unlock()
	var finished, left int64
	for _, u := range m.urls {
		if u.done {
			finished++
		} else if left++; u.requisite || m.s.polite.pages == 0 || u.host.pages < m.s.polite.pages {
			m.t.Errorf("a url of %s is not done: %+v", u.host.name, *u)
		}
	}
	if m.s.pending != 0 || len(m.s.flights) != 0 || m.s.done != finished || m.s.spent != left {
		m.t.Errorf("counts %d pending, %d in flight, %d done, %d spent at the end; want 0, 0, %d, %d",
			m.s.pending, len(m.s.flights), m.s.done, m.s.spent, finished, left)
	}
}

func (m *schedulerModel) rest(longest time.Duration) {
	m.mu.Lock()
	d := time.Duration(m.r.Int64N(int64(longest)))
	m.mu.Unlock()
	time.Sleep(d)
}

func (m *schedulerModel) work(ctx context.Context) {
	for {
		f, err := m.s.next(ctx)
		if err == io.EOF {
			return
		}
		if err != nil {
			m.t.Errorf("next: %v", err)
			return
		}
		m.handedOut(f)
		m.rest(3 * time.Second)
		m.mu.Lock()
		u, released := m.urls[f.id], m.r.IntN(2) == 0
		if released {
			m.leave(f)
			m.s.release(f.id)
		}
		m.mu.Unlock()
		m.rest(2 * time.Second)
		m.end(f, u, released)
	}
}

// leave counts a job of f's host and address out. mu is held.
func (m *schedulerModel) leave(f *flight) {
	m.urls[f.id].host.inflight--
	if p := m.placeOf(f.addr); p != nil {
		p.inflight--
	}
}

func (m *schedulerModel) placeOf(a *address) *modelPlace {
	m.s.mu.Lock()
	defer m.s.mu.Unlock()
	for name, b := range m.s.addresses {
		if a == b {
			if m.placed[name] == nil {
				m.placed[name] = &modelPlace{}
			}
			return m.placed[name]
		}
	}
	return nil
}

func (m *schedulerModel) handedOut(f *flight) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, u, polite := time.Now(), m.urls[f.id], m.s.polite
	h := u.host
	settled := h.changed.Before(now)
	bad := func(what string) { m.t.Errorf("url %d of %s at %v: %s", f.id, h.name, now, what) }
	const grain = 2 * time.Nanosecond // the arithmetic of rates
	switch {
	case u.out:
		bad("handed out twice")
	case u.done:
		bad("handed out although it is done")
	case u.notBefore.After(now):
		bad("handed out too early after a retry")
	case h.inflight >= polite.concurrency, settled && h.gap > 0 && h.inflight > 0:
		bad("too many in flight")
	case settled && h.paused.After(now):
		bad("handed out in a pause")
	case settled && now.Sub(h.last) < max(h.gap, h.interval)-grain:
		bad(fmt.Sprintf("%v after the one before", now.Sub(h.last)))
	case polite.pages > 0 && !u.requisite && h.pages >= polite.pages:
		bad("beyond the pages of its host")
	}
	u.out = true
	h.inflight++
	h.last = now
	if p := m.placeOf(f.addr); p != nil {
		if polite.addressConcurrency > 0 && p.inflight >= polite.addressConcurrency {
			bad("too many in flight at its address")
		}
		if r := polite.addressRate; r > 0 && now.Sub(p.last) < time.Duration(float64(time.Second)/r)-grain {
			bad("too soon for its address")
		}
		p.inflight++
		p.last = now
	}
}

// end brings a try to its end.
func (m *schedulerModel) end(f *flight, u *modelURL, released bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !released {
		m.leave(f)
	}
	u.out = false
	switch m.r.IntN(6) {
	case 0:
		u.notBefore = time.Now().Add(time.Duration(m.r.Int64N(int64(20 * time.Second))))
		if err := m.s.retry(f.id, u.notBefore, true); err != nil {
			m.t.Errorf("retry: %v", err)
		}
	case 1:
		if err := m.s.retry(f.id, time.Time{}, false); err != nil {
			m.t.Errorf("put back: %v", err)
		}
	default:
		m.finish(f.id, f.host, u)
	}
}

func (m *schedulerModel) finish(id uint32, h *host, u *modelURL) {
	page := !u.requisite && m.r.IntN(3) > 0
	u.done = true
	if page {
		u.host.pages++
	}
	m.s.finish(id, h, page, m.find(m.r.IntN(4)))
}

// meddle does what other parts of a crawler do to hosts, whoever holds an item of them.
func (m *schedulerModel) meddle(over chan struct{}) {
	for {
		m.rest(2 * time.Second)
		select {
		case <-over:
			return
		default:
		}
		m.mu.Lock()
		h := m.host(m.r.IntN(8))
		switch m.r.IntN(6) {
		case 0:
			h.changed = time.Now()
			until := h.changed.Add(time.Duration(m.r.Int64N(int64(time.Hour))))
			if until.After(h.paused) {
				h.paused = until
			}
			m.s.pause(h.name, until)
		case 1:
			h.changed, h.gap = time.Now(), time.Duration(m.r.IntN(3))*time.Second
			m.s.setGap(h.name, h.gap)
		case 2:
			rates := []float64{0, 0.1, 1, 50}
			r := rates[m.r.IntN(len(rates))]
			h.changed, h.interval = time.Now(), 0
			if r > 0 {
				h.interval = time.Duration(float64(time.Second) / r)
			}
			m.s.setRate(h.name, r)
		case 3, 4:
			m.s.setAddress(h.name, fmt.Sprint("192.0.2.", m.r.IntN(3)))
		case 5:
			m.takeAway()
		}
		m.mu.Unlock()
	}
}

// takeAway is done with a URL that nobody has to have been given. mu is held.
func (m *schedulerModel) takeAway() {
	if m.nextID == 0 {
		return
	}
	id := uint32(m.r.IntN(int(m.nextID)))
	u := m.urls[id]
	if u.done || u.out || m.s.flight(id) != nil {
		return
	}
	h := m.s.intern(u.host.name)
	m.s.withdraw(id, h, u.requisite)
	m.finish(id, h, u)
}

// audit looks, at moments at which nothing else happens, whether anybody waits for a host that could be asked, and at the counts.
func (m *schedulerModel) audit(over chan struct{}) {
	for {
		m.rest(time.Second)
		synctest.Wait()
		select {
		case <-over:
			return
		default:
		}
		m.mu.Lock()
		m.s.mu.Lock()
		now := time.Now()
		for name, h := range m.s.hosts {
			to, _, _ := m.s.belongs(h, now)
			if n := 1; m.s.waiters.Len() > 0 && to == ready {
				if h.addr != nil {
					n, _ = h.addr.room(&m.s.polite, now)
				}
				if n > 0 {
					m.t.Errorf("%v: a caller waits although %s may be asked; it is in position %d", now, name, h.where)
				}
			}
		}
		if known := m.s.pending + m.s.done + m.s.spent + int64(len(m.s.flights)); known != int64(m.nextID) {
			m.t.Errorf("%v: %d pending, %d done, %d spent, %d in flight of %d", now, m.s.pending, m.s.done, m.s.spent, len(m.s.flights), m.nextID)
		}
		m.s.mu.Unlock()
		m.mu.Unlock()
	}
}
