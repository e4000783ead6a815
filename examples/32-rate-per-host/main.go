// Lesson 32: a rate per host.
//
// # Question
//
// A crawler may ask host A once in 50 ms, and host B once in 10 ms. It wants 4 pages of A and 8 of B; its list holds two of
// B after each of A. Somebody sets one limiter for all requests, to what the strictest host allows: once in 50 ms. That is
// polite to both. What does it cost?
//
//	a) nothing: A needs its time anyway, and the pages of B fit in between
//	b) time for both: B is done late, and so is A
//	c) time for B only: A gets what it would get alone
//
// # Answer
//
// b. One limiter counts all requests, whoever they are for: 12 pages have 11 waits of 50 ms between them. Alone, A has 3
// of 50 ms and B 7 of 10 ms. Politeness is owed to each host, so each gets a limiter of its own; both are treated as
// politely, and are done early. And those who wait for A must not stand in the way of B. Here each host has a goroutine
// of its own. Tandem's frontier does it without: hosts that have to wait are in a heap, soonest first, and whoever asks
// for a page gets one of a host that need not wait.
//
//	a) would be right if a page of B did not use up a turn that A waits for.
//	c) forgets the same: A gets every third turn of the one limiter.
//
// # Common mistake
//
// Limiters per host, and one goroutine that takes the pages in the order of the list, as in the second chart: while it
// waits for A, the pages of B wait behind that. A sleep after each request does the same, and adds the time of the answer.
//
// # Python
//
//	import threading, time
//	def fetch(pages, every, began, seen):
//	    due = {}  # when a limiter gives its next turn
//	    for host in pages:
//	        key = host if len(every) > 1 else "all"
//	        time.sleep(max(0, due.get(key, began) - time.perf_counter()))
//	        due[key] = max(due.get(key, began), time.perf_counter()) + every[key]
//	        seen[host] = f"{1000 * (time.perf_counter() - began):.0f} ms"
//	each = {"A": 0.05, "B": 0.01}
//	for lists, every in (["ABB" * 4], {"all": 0.05}), (["ABB" * 4], each), (["AAAA", "BBBBBBBB"], each):
//	    began, seen = time.perf_counter(), {}
//	    ts = [threading.Thread(target=fetch, args=(pages, every, began, seen)) for pages in lists]
//	    [t.start() for t in ts], [t.join() for t in ts]
//	    print(lists, "last request:", seen)
//
// # In production
//
//	crawler/frontier/clock.go: rate.NewLimiter
//	crawler/frontier/clock.go: a moment that a host or an address waits for
//	crawler/run.go: over all hosts; nil is no limit
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"tandem/examples/internal/lanes"
	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

const (
	slow = 50 * time.Millisecond // between two requests to A
	fast = 10 * time.Millisecond // between two requests to B
)

// limiters holds the limiter of each host.
type limiters map[rune]*rate.Limiter

// run fetches the pages in three ways and compares when each host was done.
func run() error {
	one := rate.NewLimiter(rate.Every(slow), 1)
	each := func() limiters {
		return limiters{'A': rate.NewLimiter(rate.Every(slow), 1), 'B': rate.NewLimiter(rate.Every(fast), 1)}
	}
	const list = "ABBABBABBABB"
	shared, err := crawl("One limiter, one list:", limiters{'A': one, 'B': one}, list)
	if err != nil {
		return err
	}
	inLine, err := crawl("A limiter per host, one list:", each(), list)
	if err != nil {
		return err
	}
	apart, err := crawl("A limiter per host, a list per host:", each(), "AAAA", "BBBBBBBB")
	if err != nil {
		return err
	}
	polite := shared['A'] >= 9*slow && shared['B'] >= 11*slow && inLine['A'] >= 3*slow && inLine['B'] >= 3*slow &&
		apart['A'] >= 3*slow && apart['B'] >= 7*fast
	early := apart['A']+apart['B'] < shared['A']+shared['B']
	if !polite || !early {
		return fmt.Errorf("polite: %v, early: %v; %v, %v, %v", polite, early, shared, inLine, apart)
	}
	return nil
}

// crawl fetches the pages of each list in its order, the lists at the same time, and draws what the servers saw. It
// returns when each host was asked last.
func crawl(title string, l limiters, lists ...string) (last map[rune]time.Duration, err error) {
	chart := lanes.New("host A", "host B")
	began := time.Now()
	var mu sync.Mutex // guards last
	last = map[rune]time.Duration{}
	server := map[rune]*httptest.Server{}
	for host := range l {
		server[host] = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			at := time.Since(began)
			chart.Add("host "+string(host), byte(host), at, at)
			mu.Lock()
			defer mu.Unlock()
			last[host] = at
		}))
		defer server[host].Close()
	}
	g, ctx := errgroup.WithContext(context.Background())
	for _, list := range lists {
		g.Go(func() error {
			for _, host := range list {
				if err := l[host].Wait(ctx); err != nil {
					return fmt.Errorf("wait for host %q: %w", host, err)
				}
				if err := get(ctx, server[host].URL); err != nil {
					return fmt.Errorf("get from host %q: %w", host, err)
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	fmt.Printf("%s A done after %v, B after %v\n", title,
		last['A'].Round(time.Millisecond), last['B'].Round(time.Millisecond))
	columns := max(last['A'], last['B']) / fast // a column is 10 ms
	return last, chart.Draw(os.Stdout, max(15, min(int(columns), 80)))
}

// get fetches a page and drops it.
func get(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}
