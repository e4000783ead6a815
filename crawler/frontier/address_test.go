package frontier

import (
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// Many hosts of one address: together they are asked at its rate, in turns.
func TestAddressRate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{concurrency: 10, addressRate: 2})
		for i := range 5 {
			name := fmt.Sprint(i)
			s.setAddress(name, "192.0.2.1")
			s.push(jobs(s, name, i*10, 4))
		}
		s.push(jobs(s, "elsewhere", 100, 1))
		start := time.Now()
		asked := map[string]int{}
		var at []time.Duration
		for range 21 {
			f := turn(t, s)
			asked[f.host.name]++
			if f.host.name != "elsewhere" {
				at = append(at, time.Since(start))
			}
			if len(at) == 10 && (asked["0"] != 2 || asked["4"] != 2) {
				t.Errorf("after 10 turns %v: not in turns", asked)
			}
		}
		for i, d := range at {
			if want := time.Duration(i) * 500 * time.Millisecond; d < want || d > want+time.Millisecond {
				t.Errorf("item %d after %v, want %v", i, d, want)
			}
		}
		if asked["elsewhere"] != 1 {
			t.Errorf("asked %v", asked)
		}
	})
}

// The items in flight of one address are bounded together; each that lands lets one host go on.
func TestAddressConcurrency(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{concurrency: 2, addressConcurrency: 3})
		for i := range 4 {
			name := fmt.Sprint(i)
			s.push(jobs(s, name, i*10, 3))
			s.setAddress(name, "192.0.2.1")
		}
		flights := make(chan *flight, 20)
		go func() {
			for {
				f, err := s.next(t.Context())
				if err == io.EOF {
					close(flights)
					return
				}
				flights <- f
			}
		}()
		n := 0
		for {
			synctest.Wait()
			if len(flights) == 0 {
				break
			}
			if out := len(s.flights); out > 3 {
				t.Fatalf("%d items of one address in flight, want 3 at most", out)
			}
			f := <-flights
			n++
			if n%2 == 0 {
				s.release(f.id)
				synctest.Wait()
			}
			end(s, f)
		}
		if _, open := <-flights; open || n != 12 {
			t.Errorf("%d items, want 12 and then the end", n)
		}
		if a := s.addresses["192.0.2.1"]; a.inflight != 0 || a.parked.head != nil || s.parked != 0 {
			t.Errorf("left over: %+v", a)
		}
	})
}

// A host that moves takes what it has pending along, not what is in flight.
func TestAddressMoves(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{concurrency: 9, addressConcurrency: 1})
		s.setAddress("a", "192.0.2.1")
		s.setAddress("b", "192.0.2.1")
		s.push(append(jobs(s, "a", 0, 2), jobs(s, "b", 10, 1)...))
		first := turn(t, s)
		s.setAddress("b", "192.0.2.2") // it was parked, or will be
		if f := turn(t, s); f.host.name != "b" {
			t.Errorf("%s has the turn of b", f.host.name)
		}
		s.setAddress("a", "192.0.2.3")
		if f := turn(t, s); f.host.name != "a" {
			t.Errorf("%s has the turn of a", f.host.name)
		}
		end(s, first)
		for name, want := range map[string]int{"192.0.2.1": 0, "192.0.2.2": 1, "192.0.2.3": 1} {
			if got := s.addresses[name].inflight; got != want {
				t.Errorf("%s has %d in flight, want %d", name, got, want)
			}
		}
	})
}

// One address with ten thousand hosts costs no more a turn than one with ten.
func TestManyHostsOfOneAddress(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const n = 10_000
		s := newScheduler(politeness{rate: 1, concurrency: 1, addressRate: 100})
		for i := range n {
			name := fmt.Sprint(i)
			s.setAddress(name, "192.0.2.1")
			s.push(jobs(s, name, i, 1))
		}
		start := time.Now()
		for range n {
			end(s, turn(t, s))
		}
		if got := time.Since(start); got < 99*time.Second || got > 101*time.Second {
			t.Errorf("%d items at 100/s took %v", n, got)
		}
	})
}

func TestGap(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{concurrency: 5})
		s.push(jobs(s, "a", 0, 6))
		first := turn(t, s)
		s.setGap("a", 4*time.Second)
		start := time.Now()
		got := make(chan *flight, 1)
		go func() {
			f, _ := s.next(t.Context())
			got <- f
		}()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(got) != 0 {
			t.Fatal("a second item in flight at a host that is to be asked one at a time")
		}
		end(s, first)
		end(s, <-got)
		end(s, turn(t, s))
		if d := time.Since(start); d != 14*time.Second {
			t.Errorf("the third item after %v, want 14s", d)
		}
		s.setGap("a", 0)
		for range 3 {
			turn(t, s)
		}
		if d := time.Since(start); d != 14*time.Second {
			t.Errorf("without a gap the rest came after %v", d)
		}
	})
}

// A host's pages are bounded exactly, whatever is in flight; failures do not count, requisites are not bounded.
func TestHostPages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{concurrency: 3, pages: 4})
		s.push(append(jobs(s, "a", 0, 20), jobs(s, "b", 100, 2)...))
		s.push([]placed{{s.intern("a"), job{id: 50, attempt: 1, requisite: true}}})
		pages, failed, others := 0, 0, 0
		for {
			f, err := s.next(t.Context())
			if err == io.EOF {
				break
			}
			switch {
			case f.requisite || f.host.name == "b":
				others++
				end(s, f)
			case failed < 2:
				failed++
				s.finish(f.id, f.host, false, nil)
			default:
				pages++
				s.finish(f.id, f.host, true, jobs(s, "a", 200+pages, 1))
			}
		}
		if pages != 4 || failed != 2 || others != 3 {
			t.Errorf("%d pages, %d failures, %d others; want 4, 2, 3", pages, failed, others)
		}
		if s.spent != 18 || s.pending != 0 {
			t.Errorf("%d left out, %d pending; want 18 (14 known, 4 found), 0", s.spent, s.pending)
		}
	})
}

// While the pages in flight might use the host's budget up, the next one waits for how they end.
func TestHostPagesInFlight(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := newScheduler(politeness{concurrency: 9, pages: 2})
		s.push(jobs(s, "a", 0, 5))
		one, two := turn(t, s), turn(t, s)
		got := make(chan error, 1)
		go func() {
			f, err := s.next(t.Context())
			if err == nil {
				s.finish(f.id, f.host, true, nil)
			}
			got <- err
		}()
		synctest.Wait()
		if len(got) != 0 {
			t.Fatal("a third page of two is in flight")
		}
		s.finish(one.id, one.host, false, nil)
		if err := <-got; err != nil {
			t.Fatal(err)
		}
		s.finish(two.id, two.host, true, nil)
		if _, err := s.next(t.Context()); err != io.EOF || s.spent != 2 {
			t.Errorf("next: %v, %d left out; want the end and 2", err, s.spent)
		}
	})
}
