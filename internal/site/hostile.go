package site

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// LinkOrder is the order in which the front page of a hostile set links to what it has.
type LinkOrder int

// The link orders.
const (
	InOrder  LinkOrder = iota // honest pages evenly among the others
	Reversed                  // the same, from the end
	Shuffled                  // at random, by HostileOptions.Seed
)

// HostileOptions says how a hostile set is laid out. The zero value of a field means its default.
type HostileOptions struct {
	Order LinkOrder
	// Seed chooses the order of Shuffled.
	Seed uint64
	// Honest is how many honest pages there are. Defaults to 50.
	Honest int
	// Drip is the time between two bytes of what is slow on purpose. Defaults to 100 ms.
	Drip time.Duration
	// Links is how many links the page with too many of them has; robots.txt forbids them all. Defaults to 1,000,000.
	Links int
}

// Outcome is what a crawl may record for a URL, in the words of crawl.json and inlinks.jsonl.
type Outcome struct {
	State     string // stored, failed or skipped
	Status    int    // of what is stored
	Truncated string // of what is stored: "", length, time or disconnect
	Reason    string // of what is not
	SHA256    string // of a stored payload, lower hex; "" where it does not matter
}

// Behaviour is one URL of a hostile set: what it is called, and the outcomes of which one must be recorded.
type Behaviour struct {
	Name   string // "slow/head"
	URL    string // as linked, which need not be its canonical form
	Honest bool   // an honest page, with one outcome
	Want   []Outcome
}

// Hostile is a running hostile set: one origin with honest pages and hostile ones among them, origins that are hostile as a whole, and
// listeners to which nobody may connect. Its methods are safe for concurrent use.
type Hostile struct {
	opt     HostileOptions
	front   *origin
	origins []*origin // front first
	traps   []net.Listener
	trapped string // port of the traps
	list    []Behaviour

	ctx   context.Context // ends with Close
	close context.CancelFunc
	work  sync.WaitGroup

	mu       sync.Mutex // guards the fields below
	requests int
	wrong    []string // what nobody should have done
	touched  []string // connections to the traps
	conns    map[net.Conn]struct{}
	asked    map[string]int
}

// StartHostile starts a hostile set on loopback. The caller calls Close.
func StartHostile(opt HostileOptions) (*Hostile, error) {
	opt.Honest = cmp.Or(opt.Honest, 50)
	opt.Drip = cmp.Or(opt.Drip, 100*time.Millisecond)
	opt.Links = cmp.Or(opt.Links, 1_000_000)
	h := &Hostile{opt: opt, conns: make(map[net.Conn]struct{}), asked: make(map[string]int)}
	h.ctx, h.close = context.WithCancel(context.Background())
	if err := h.build(); err != nil {
		return nil, errors.Join(fmt.Errorf("start hostile set: %w", err), h.Close())
	}
	return h, nil
}

// build opens everything that listens and lays out the front page.
func (h *Hostile) build() error {
	if err := h.setTraps(); err != nil {
		return err
	}
	front, err := h.newOrigin("front", nil)
	if err != nil {
		return err
	}
	h.front = front
	front.robots = mainRobots(front.url(""))
	front.forbidden = forbiddenOnFront
	deeds := slices.Concat(slowDeeds(h), endlessDeeds(), framingDeeds(), spliceDeeds(), redirectDeeds(h), contentDeeds(h), bombDeeds(), hugeDeeds(h))
	honest := honestDeeds(h.opt.Honest)
	front.add(deeds...)
	front.add(honest...)
	mixed := interleave(deeds, honest)
	for _, d := range mixed {
		if !d.hidden {
			h.list = append(h.list, Behaviour{Name: d.name(), URL: front.url(d.link()), Honest: d.honest, Want: d.want})
		}
	}
	h.list = append(h.list, h.outside()...)
	h.arrange()
	front.add(h.frontPage())
	if err := h.addOrigins(); err != nil {
		return err
	}
	for _, o := range h.origins {
		o.serve()
	}
	return nil
}

// arrange puts the list into the order asked for.
func (h *Hostile) arrange() {
	switch h.opt.Order {
	case Reversed:
		slices.Reverse(h.list)
	case Shuffled:
		r := newRNG(h.opt.Seed, 77)
		for i := len(h.list) - 1; i > 0; i-- {
			j := r.intn(i + 1)
			h.list[i], h.list[j] = h.list[j], h.list[i]
		}
	}
}

// interleave spreads the few evenly among the many.
func interleave(many, few []deed) []deed {
	var all []deed
	placed := 0
	for i, d := range many {
		all = append(all, d)
		for ; placed*len(many) < (i+1)*len(few); placed++ {
			all = append(all, few[placed])
		}
	}
	return all
}

// Seeds are the URLs to start from: the front page, and a page of each further origin.
func (h *Hostile) Seeds() []string {
	seeds := []string{h.front.url("/")}
	for _, o := range h.origins[1:] {
		seeds = append(seeds, o.url("/page"))
	}
	return seeds
}

// Behaviours lists every URL that the seeds lead to and of which the outcome is known, in the order of the links.
func (h *Hostile) Behaviours() []Behaviour {
	list := []Behaviour{h.front.behaviour("/")}
	list = append(list, h.list...)
	for _, o := range h.origins[1:] {
		list = append(list, o.behaviour("/page"))
	}
	return list
}

// Requests tells how many requests all origins together have got.
func (h *Hostile) Requests() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests
}

// Violations lists requests that nobody should have made: for what robots.txt forbids, with somebody else's Host, with credentials.
func (h *Hostile) Violations() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.wrong)
}

// Outside lists the connections to listeners that nobody may reach.
func (h *Hostile) Outside() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.touched)
}

// Close ends all connections and waits for their goroutines.
func (h *Hostile) Close() error {
	h.close()
	var errs []error
	for _, l := range h.traps {
		errs = append(errs, l.Close())
	}
	for _, o := range h.origins {
		errs = append(errs, o.listener.Close())
	}
	h.mu.Lock()
	for c := range h.conns {
		_ = c.Close()
	}
	h.mu.Unlock()
	h.work.Wait()
	return errors.Join(errs...)
}

// setTraps opens the listeners that nobody may reach, all on one port, so that each spelling of a loopback address leads to one.
func (h *Hostile) setTraps() error {
	var lc net.ListenConfig
	first, err := lc.Listen(h.ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h.traps = append(h.traps, first)
	_, h.trapped, err = net.SplitHostPort(first.Addr().String())
	if err != nil {
		return err
	}
	for _, host := range []string{"127.0.0.2", "::1"} { // where there is such an address, and the port is free
		if l, err := lc.Listen(h.ctx, "tcp", net.JoinHostPort(host, h.trapped)); err == nil {
			h.traps = append(h.traps, l)
		}
	}
	for _, l := range h.traps {
		h.work.Go(func() { h.trap(l) })
	}
	return nil
}

// trap notes who comes, and sends them away.
func (h *Hostile) trap(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		h.mu.Lock()
		h.touched = append(h.touched, c.LocalAddr().String()+" from "+c.RemoteAddr().String())
		h.mu.Unlock()
		_ = c.Close()
	}
}

// TrapPort is the port on 127.0.0.1 (and 127.0.0.2 and ::1, where they exist) to which nobody may connect.
func (h *Hostile) TrapPort() string { return h.trapped }

func stored(status int) []Outcome { return []Outcome{{State: "stored", Status: status}} }

func cut(why string) []Outcome { return []Outcome{{State: "stored", Status: 200, Truncated: why}} }

func failed(reasons ...string) []Outcome {
	var list []Outcome
	for _, r := range reasons {
		list = append(list, Outcome{State: "failed", Reason: r})
	}
	return list
}

func skipped(reason string) []Outcome { return []Outcome{{State: "skipped", Reason: reason}} }

func either(list ...[]Outcome) []Outcome { return slices.Concat(list...) }

// deed is what one path of an origin does.
type deed struct {
	path   string // asked for; "" with spelled is a path that no server ever sees
	spell  string // how it is linked, where that is not path
	want   []Outcome
	honest bool
	hidden bool // linked from elsewhere
	do     func(*call) bool
}

func (d *deed) name() string { return strings.TrimPrefix(cmp.Or(d.path, d.spell), "/") }

func (d *deed) link() string { return cmp.Or(d.spell, d.path) }
