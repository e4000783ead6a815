// Lesson 39: closed or open loop: coordinated omission.
//
// # Question
//
// A server answers in a millisecond, but freezes for half a second in a run of two and a half. Two clients measure it. The
// first has five connections; each asks again when its last answer is there. The second has 200 requests a second to
// send, one each 5 ms, and keeps to that whatever the server does. Both report the time that nine of ten requests took at most, p90.
// Who sees the freeze?
//
//	a) both: half a second is a fifth of the run, twice what p90 leaves out
//	b) the second only: the first reports about a millisecond
//	c) neither: while the server is frozen, nobody gets an answer that could be slow
//
// # Answer
//
// b. The first client waits with the server. In the frozen half second it sends nothing more: five requests are slow, one on each
// connection, among thousands that are not. Client and server have agreed not to look: coordinated omission. The second
// had 100 requests to send in that time, and people would have sent theirs, too. The one planned as the freeze begins waits 500 ms, the last
// hardly at all: a fifth of all requests wait for 0 to 500 ms, evenly spread, so that p90 is 250 ms.
//
//	a) counts time; a percentile counts requests, and the first client sends most of its own while all is well.
//	c) the answers come after the freeze, and late.
//
// # Common mistake
//
// To plan the requests, but to start the clock when each is really sent, as the third line below does. A client with five connections can send no
// sixth request to a frozen server; it sends it late, and then the answer is quick. That time, service, says how long the
// server took. Only the time from the planned send, response, says how long people waited. Report both, and say which is which.
//
// # Python
//
//	import threading, time
//	began, server, from_plan, from_send = time.perf_counter(), threading.Lock(), [], []
//	now = lambda: time.perf_counter() - began
//	def client(n):
//	    for i in range(n, 200, 5):
//	        time.sleep(max(0, i * 0.005 - now()))
//	        sent = now()
//	        with server:  # frozen from 0.4 s to 0.6 s
//	            time.sleep(0.6 - now() if 0.4 <= now() < 0.6 else 0.0005)
//	        from_plan.append(now() - i * 0.005), from_send.append(now() - sent)
//	ts = [threading.Thread(target=client, args=(n,)) for n in range(5)]
//	[t.start() for t in ts], [t.join() for t in ts]
//	for name, times in ("from the plan", from_plan), ("from the send", from_send):
//	    print(name, f"p90 = {1000 * sorted(times)[180]:.1f} ms")
//
// # In production
//
//	load/engine/take.go: Take waits for the next send of the whole plan
//	load/engine/cursor.go: takes the send that is due at now
//	load/schedule/constant.go: func (c constant) at
//	load/recorder/interval.go: i.response.Add(s.End - s.Planned)
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

const (
	clients = 5
	every   = 5 * time.Millisecond // between two planned requests
	length  = 2500 * time.Millisecond
	freeze  = time.Second // when it begins
	thaw    = 1500 * time.Millisecond
)

// times are how long requests took.
type times struct {
	mu   sync.Mutex // guards list
	list []time.Duration
}

func (t *times) add(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, d)
}

// report prints the distribution and returns p90.
func (t *times) report(name string) time.Duration {
	slices.Sort(t.list)
	at := func(part float64) time.Duration { return t.list[int(part*float64(len(t.list)-1))] }
	slow, _ := slices.BinarySearch(t.list, 20*time.Millisecond)
	fmt.Printf("%-34s %5d requests, %3d above 20 ms: p50 %5.1f, p90 %5.1f, max %5.1f ms\n", name, len(t.list), len(t.list)-slow,
		ms(at(0.5)), ms(at(0.9)), ms(at(1)))
	return at(0.9)
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// run measures the same server in a closed and in an open loop.
func run() error {
	var closed, response, service times
	if err := against(func(get func() error, now func() time.Duration) error { return closedLoop(get, now, &closed) }); err != nil {
		return err
	}
	if err := against(func(get func() error, now func() time.Duration) error {
		return openLoop(get, now, &response, &service)
	}); err != nil {
		return err
	}
	seen, people, server := closed.report("closed loop"), response.report("open loop, from the planned send"), service.report("open loop, from the real send")
	fmt.Printf("In the frozen half second %d people would have asked; the closed loop asked for %d.\n", (thaw-freeze)/every, clients)
	if seen > 100*time.Millisecond || people < 200*time.Millisecond || server > 100*time.Millisecond {
		return fmt.Errorf("p90 %v, %v, %v", seen, people, server)
	}
	return nil
}

// against starts a server that freezes once, and has measure load it by clients that each keep a connection.
func against(measure func(get func() error, now func() time.Duration) error) error {
	var began atomic.Pointer[time.Time]
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if at := time.Since(*began.Load()); at >= freeze && at < thaw {
			time.Sleep(thaw - at)
		}
		time.Sleep(time.Millisecond)
	}))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	start := time.Now()
	began.Store(&start)
	return measure(func() error {
		resp, err := client.Get(server.URL)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, resp.Body)
		return errors.Join(err, resp.Body.Close())
	}, func() time.Duration { return time.Since(start) })
}

// together runs work in a goroutine for each client.
func together(work func() error) error {
	errs := make([]error, clients)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = work() })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// closedLoop asks again when the last answer is there.
func closedLoop(get func() error, now func() time.Duration, took *times) error {
	return together(func() error {
		for now() < length {
			sent := now()
			if err := get(); err != nil {
				return err
			}
			took.add(now() - sent)
		}
		return nil
	})
}

// openLoop sends request i when it is planned, or as soon after it as a client is free.
func openLoop(get func() error, now func() time.Duration, response, service *times) error {
	var next atomic.Int64
	return together(func() error {
		for {
			planned := time.Duration(next.Add(1)-1) * every
			if planned >= length {
				return nil
			}
			time.Sleep(planned - now()) // not at all if it is late
			sent := now()
			if err := get(); err != nil {
				return err
			}
			response.add(now() - planned)
			service.add(now() - sent)
		}
	})
}
