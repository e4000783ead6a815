package frontier

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/store/fsx"
)

// Random work on a frontier and on a plain map: both know the same after each step, over new runs, lost archives, stops and crashes,
// whatever memory there is for URLs and however many pages a host may have.
func TestDurableModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m := &durableModel{t: t, r: rand.New(rand.NewPCG(seed, 99)), urls: map[string]*durableURL{}}
			m.open(t.TempDir())
			for range 500 {
				m.step()
				m.check()
			}
			m.all()
		})
	}
}

type durableModel struct {
	t    *testing.T
	r    *rand.Rand
	d    *Durable
	disk *fsx.Fault
	run  int
	urls map[string]*durableURL
	out  []Item
	at   int64 // the next record's offset
}

type durableURL struct {
	link     Link
	attempts int // in memory
	out      bool
	last     durableOutcome
	prior    string // place of the payload, "" if none
	links    map[string]bool
}

type durableOutcome struct {
	state State
	run   int
	place string // "" if nothing was stored
	page  bool
}

func placeName(segment string, offset int64) string {
	if segment == "" {
		return ""
	}
	return fmt.Sprint(segment, "@", offset)
}

func (u *durableURL) doneIn(run int) bool { return u.last.state != Pending && u.last.run == run }

// priorIn is what runs before run have stored.
func (u *durableURL) priorIn(run int) string {
	if u.last.state == Stored && u.last.run != run && u.last.place != "" {
		return u.last.place
	}
	return u.prior
}

// open opens the frontier with settings that may change from start to start.
func (m *durableModel) open(dir string) {
	cfg := DefaultConfig(dir)
	m.disk = fsx.NewFault(fsx.OS(), nil)
	cfg.FS, cfg.HostConcurrency, cfg.MemTable = m.disk, 1000, 64<<10
	cfg.SeenInRAM = []int{1, 7, 40, 1000}[m.r.IntN(4)]
	cfg.HostPages = []int64{0, 0, 4, 30}[m.r.IntN(4)]
	m.d = open(m.t, cfg)
}

func (m *durableModel) some(n int) []Link {
	ls := []Link{}
	for range n {
		i := m.r.IntN(150)
		ls = append(ls, Link{
			URL: mustURL(m.t, fmt.Sprintf("http://h%d.example/%d", i%4, i)), Depth: m.r.IntN(3), Requisite: i%5 == 0,
			Via: []string{"", "http://h0.example/0", "elsewhere"}[m.r.IntN(3)], Alt: fmt.Sprint("alt", m.r.IntN(2)),
		})
	}
	return ls
}

func (m *durableModel) learn(ls []Link) (fresh int) {
	for _, l := range ls {
		if m.urls[l.URL.String()] == nil {
			m.urls[l.URL.String()] = &durableURL{link: l}
			fresh++
		}
	}
	return fresh
}

func (m *durableModel) pages(host string) (n int64) {
	for _, u := range m.urls {
		if u.link.URL.Host() == host && u.doneIn(m.run) && u.last.page {
			n++
		}
	}
	return n
}

func (m *durableModel) counts() (c Counts) {
	exhausted := map[string]bool{}
	for i := range 4 {
		host := fmt.Sprintf("h%d.example", i)
		exhausted[host] = m.d.cfg.HostPages > 0 && m.pages(host) >= m.d.cfg.HostPages
	}
	for _, u := range m.urls {
		switch c.Known++; {
		case u.doneIn(m.run):
			c.Done++
		case u.out:
			c.InFlight++
		case !u.link.Requisite && exhausted[u.link.URL.Host()]:
			c.Spent++
		default:
			c.Pending++
		}
	}
	return c
}

func (m *durableModel) step() {
	switch n := m.r.IntN(100); {
	case n < 20:
		ls := m.some(m.r.IntN(6))
		added, err := m.d.Add(ls)
		if want := m.learn(ls); err != nil || added != want {
			m.t.Fatalf("Add = %d, %v; want %d", added, err, want)
		}
	case n < 50:
		m.next()
	case n < 75 && len(m.out) > 0:
		m.done(m.takeOut())
	case n < 80 && len(m.out) > 0:
		m.giveBack(m.takeOut())
	case n < 84:
		m.doneUnasked()
	case n < 88:
		m.reopen()
	case n < 90 && len(m.out) == 0:
		m.reconcile()
	case n < 91 && len(m.out) == 0:
		if err := m.d.NewRun(); err != nil {
			m.t.Fatal(err)
		}
		m.run++
		m.forgetTries()
	case len(m.out) > 0:
		m.done(m.takeOut())
	}
}

func (m *durableModel) takeOut() Item {
	i := m.r.IntN(len(m.out))
	item := m.out[i]
	m.out = slices.Delete(m.out, i, i+1)
	return item
}

// next takes an item if there is one now.
func (m *durableModel) next() {
	m.d.sched.mu.Lock()
	some := m.d.sched.ready.head != nil && m.d.sched.pending > 0
	m.d.sched.mu.Unlock()
	if !some {
		if c := m.counts(); c.Pending > 0 && m.d.cfg.HostPages == 0 {
			m.t.Fatalf("nothing is ready, counts %+v", c)
		}
		return
	}
	item := next(m.t, m.d)
	u := m.urls[item.URL.String()]
	if u == nil || u.out || u.doneIn(m.run) {
		m.t.Fatalf("handed out %s, which is %+v", item.URL, u)
	}
	via, err := m.d.Via(item)
	if err != nil {
		m.t.Fatal(err)
	}
	item.Link.Via = via
	if diff := cmp.Diff(whole(u.link), whole(item.Link)); diff != "" {
		m.t.Fatalf("handed out (-want +got):\n%s", diff)
	}
	if item.Attempt != u.attempts+1 || m.place(item.Prior) != u.priorIn(m.run) {
		m.t.Fatalf("handed out %s as attempt %d with prior %q; want %d, %q", item.URL, item.Attempt, m.place(item.Prior), u.attempts+1, u.priorIn(m.run))
	}
	u.out = true
	m.out = append(m.out, item)
}

// whole is all of a link.
func whole(l Link) string {
	return fmt.Sprintf("%s via %s, %d %v %v %d %q %v %d", l.URL, l.Via, l.Depth, l.Requisite, l.Seed, l.Redirects, l.Alt, l.Columns, l.Sitemap)
}

func (m *durableModel) place(p *Prior) string {
	if p == nil {
		return ""
	}
	return placeName(p.Segment, p.Offset)
}

func (m *durableModel) giveBack(item Item) {
	u := m.urls[item.URL.String()]
	u.out = false
	var err error
	if m.r.IntN(2) == 0 {
		u.attempts++
		err = m.d.Retry(item, time.Time{})
	} else {
		err = m.d.PutBack(item)
	}
	if err != nil {
		m.t.Fatal(err)
	}
}

// doneUnasked is done with something that was never handed out, known or not.
func (m *durableModel) doneUnasked() {
	l := m.some(1)[0]
	u := m.urls[l.URL.String()]
	if u != nil && u.out {
		return
	}
	if u != nil && u.doneIn(m.run) {
		if _, err := m.d.Done(Item{Link: l}, Outcome{State: Failed}); err == nil {
			m.t.Fatalf("%s was done twice", l.URL)
		}
		return
	}
	m.learn([]Link{l})
	m.done(Item{Link: l})
}

func (m *durableModel) done(item Item) {
	u := m.urls[item.URL.String()]
	out := Outcome{State: Stored, Page: !u.link.Requisite && m.r.IntN(2) == 0}
	if m.r.IntN(4) == 0 {
		out.State, out.Page = Failed, false
	} else {
		out.Segment, out.Offset = fmt.Sprint(m.r.IntN(3)), m.at
		m.at++
	}
	if m.r.IntN(3) > 0 {
		out.Links = m.some(m.r.IntN(12))
		for i := range out.Links {
			if m.r.IntN(2) == 0 {
				out.Links[i].Via = item.URL.String()
			}
		}
		u.links = map[string]bool{}
		for _, l := range out.Links {
			u.links[l.URL.String()] = true
		}
	}
	added, err := m.d.Done(item, out)
	u.prior = u.priorIn(m.run)
	u.out, u.attempts = false, 0
	u.last = durableOutcome{out.State, m.run, placeName(out.Segment, out.Offset), out.Page}
	if want := m.learn(out.Links); err != nil || added != want {
		m.t.Fatalf("Done of %s = %d, %v; want %d", item.URL, added, err, want)
	}
}

// reopen starts over, after a stop or a crash, with other settings. A crash is a disk that changes no more.
func (m *durableModel) reopen() {
	m.out = nil
	for _, u := range m.urls {
		u.out = false
	}
	m.forgetTries()
	crashed := m.r.IntN(2) == 0
	if crashed {
		if err := m.d.Sync(); err != nil {
			m.t.Fatal(err)
		}
		m.disk.SetDecide(failFrom(1, func(c fsx.Call) bool { return c.Op.Mutates() }))
	}
	if err := m.d.Close(); err != nil && !crashed {
		m.t.Fatal(err)
	}
	m.open(m.d.cfg.Dir)
}

func (m *durableModel) forgetTries() {
	for _, u := range m.urls {
		u.attempts = 0
	}
}

func (m *durableModel) reconcile() {
	lost, cut := fmt.Sprint(m.r.IntN(3)), m.at-m.r.Int64N(30)
	gone := m.r.IntN(3) == 0 // a whole segment
	holds := func(place string) bool {
		var segment string
		var offset int64
		if _, err := fmt.Sscanf(place, "%1s@%d", &segment, &offset); err != nil {
			m.t.Fatal(err)
		}
		return !(segment == "0" && offset >= cut) && !(gone && segment == lost && segment != "0")
	}
	var want []string
	for _, u := range m.urls {
		if u.prior != "" && !holds(u.prior) {
			u.prior = ""
		}
		if u.last.place != "" && !holds(u.last.place) {
			if u.doneIn(m.run) {
				want = append(want, u.link.URL.String())
			}
			u.last = durableOutcome{}
		}
	}
	marks, err := m.d.Reconcile("0", cut, func(segment string) bool { return !(gone && segment == lost) })
	if err != nil {
		m.t.Fatal(err)
	}
	var got []string
	for _, mark := range marks {
		got = append(got, mark.URL)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		m.t.Fatalf("taken back (-want +got):\n%s", diff)
	}
	m.forgetTries()      // the queues are new, if anything was taken
	if len(marks) == 0 { // they may not be: begin them anew
		m.reopen()
	}
}

// check compares the counts and what is known of one URL.
func (m *durableModel) check() {
	if got, want := m.d.Counts(), m.counts(); got != want {
		m.t.Fatalf("counts %+v, want %+v", got, want)
	}
	m.state(m.some(1)[0].URL.String())
}

func (m *durableModel) state(url string) {
	u := m.urls[url]
	info, ok, err := m.d.State(mustURL(m.t, url))
	if err != nil || ok != (u != nil) || m.d.Known(mustURL(m.t, url)) != ok {
		m.t.Fatalf("State of %s: known %v, %v; want %v", url, ok, err, u != nil)
	}
	if u == nil {
		return
	}
	want := durableOutcome{}
	if u.doneIn(m.run) {
		want = u.last
	}
	got := durableOutcome{info.State, want.run, placeName(info.Outcome.Segment, info.Outcome.Offset), info.Outcome.Page}
	if got != want || m.place(info.Prior) != u.priorIn(m.run) || whole(info.Link) != whole(u.link) {
		m.t.Fatalf("State of %s: %v %+v, prior %q; want %v %+v, %q", url, whole(info.Link), got, m.place(info.Prior), whole(u.link), want, u.priorIn(m.run))
	}
}

// all compares everything.
func (m *durableModel) all() {
	want := map[string]int64{}
	for url := range m.urls {
		want[url] = 0
	}
	for _, u := range m.urls {
		for url := range u.links {
			want[url]++
		}
	}
	if diff := cmp.Diff(want, inlinks(m.t, m.d)); diff != "" {
		m.t.Errorf("in-links (-want +got):\n%s", diff)
	}
	for _, url := range slices.Sorted(maps.Keys(m.urls)) {
		m.state(url)
	}
}
