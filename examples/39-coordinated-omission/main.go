// Lesson 39: closed or open loop: coordinated omission.
//
// # Question
//
// For five seconds a server answers in about 1 ms, but in the middle it stands still for a second and answers nobody. Two
// tools measure it, with five connections each. One is a closed loop: each client sends its next request when it has the
// answer to the last. The other is an open loop: 200 users come in each second, evenly, whatever the server does; a client
// that is late sends at once. What do they report as p99, the time that one request of a hundred exceeds?
//
//	a) both nearly a second: for a fifth of the time the server stood still
//	b) the closed loop a few milliseconds, the open one nearly a second
//	c) the closed loop a few milliseconds; the open one too, or nearly a second: it depends on where its clock starts
//	d) both a few milliseconds: one second in five is too little to be seen at p99
//
// # Answer
//
// c. In the closed loop each client waits with the server and asks nothing meanwhile: the two have agreed not to look, and
// what would have been slow is omitted. The second counts once for each client: five times among thousands. The plan of
// the open loop goes on: 200 users come in that second, and wait until it is over. Counted from the planned send
// (response time), that is seen. Counted from the real send (service time) it is hidden again, in the same run: most
// users waited for a free connection, where no clock ran. fetch load -r 200/s follows a plan and prints both times.
//
// The schedule alone predicts it. Half a second is a tenth of the run, so a tenth of the requests are due in the first
// half of the freeze. They wait for half a second or more: p90 is 0.5 s at least; in the same way p99 is 0.95 s. What comes
// on top is the time to catch up: a hundred users in the queue, five at a time.
//
//	a) is what users saw, and what the closed loop cannot say.
//	b) is right if the clock starts when a request is due. A rate alone does not see to that.
//	d) would be right if five users came in that second. It is 200 of 1000.
//
// # Common mistake
//
// A time.Ticker, or a sleep between two requests, for a rate: a ticker drops the ticks that nobody takes, and so the loop
// is closed again. Compute from the number of a request when it is due. And to add connections until the second is seen:
// the longer the server stands still, the more it takes.
//
// # Python
//
//	import itertools, threading, time
//	clock = lambda began=time.perf_counter(): time.perf_counter() - began
//	def ask():  # 1 ms, but nobody is answered from 1 s to 1.5 s after the start
//	    time.sleep(max(0.001, 1.5 - clock()) if clock() > 1 else 0.001)
//	def client(plan, waits):
//	    while (planned := next(plan) / 200 if plan else clock()) < 2.5:
//	        time.sleep(max(0, planned - clock()))
//	        sent = clock()
//	        ask()
//	        waits.append((clock() - planned, clock() - sent))
//	loops = {"closed loop": (None, []), "open loop": (itertools.count(), [])}
//	ts = [threading.Thread(target=client, args=loop) for loop in loops.values() for _ in range(5)]
//	[t.start() for t in ts], [t.join() for t in ts]
//	for name, (_, waits) in loops.items():
//	    print(name, "p90 in ms, from the plan and the send:", [int(1000 * sorted(w)[len(w) * 9 // 10]) for w in zip(*waits)])
//
// # In production
//
//	load/schedule/constant.go: func (c constant) at
//	load/engine/take.go: Take waits for the next send of the whole plan
//	load/engine/cursor.go: Planned: c.at
//	load/recorder/interval.go: s.End - s.Planned
//	cmd/fetch/load.go: requests a second, whatever the server does
package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

// Times are since the start.
const (
	clients = 5                    // of each loop
	gap     = 5 * time.Millisecond // between two users
	length  = 5 * time.Second
	stop    = 2 * time.Second // the server stops to answer
	goOn    = 3 * time.Second // and goes on
	tenth   = time.Second / 10
)

// bench is the server, and two tools that measure it.
type bench struct {
	began               time.Time
	url                 string
	client              *http.Client
	next                atomic.Int64 // of the plan
	loop, sent, planned record       // by the closed loop; by the open one with either clock
}

func (b *bench) now() time.Duration { return time.Since(b.began) }

// ServeHTTP answers. What comes while the server stands still waits for the end of that.
func (b *bench) ServeHTTP(http.ResponseWriter, *http.Request) {
	if now := b.now(); now >= stop && now < goOn {
		time.Sleep(goOn - now)
	}
	time.Sleep(time.Millisecond)
}

// closed is a client of the closed loop: it sends when it has the last answer.
func (b *bench) closed() error {
	for now := b.now(); now < length; now = b.now() {
		if err := b.ask(); err != nil {
			return err
		}
		b.loop.add(now, b.now())
	}
	return nil
}

// open is a client of the open loop: it takes the next request of the plan. Number i is due at i gaps, come what may.
func (b *bench) open() error {
	for {
		planned := time.Duration(b.next.Add(1)-1) * gap
		if planned >= length {
			return nil
		}
		time.Sleep(planned - b.now()) // not at all if it is late
		sent := b.now()
		if err := b.ask(); err != nil {
			return err
		}
		done := b.now()
		b.sent.add(sent, done)
		b.planned.add(planned, done)
	}
}

// ask sends a request and reads its answer.
func (b *bench) ask() error {
	resp, err := b.client.Get(b.url)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

// run lets both tools measure the server at the same time.
func run() error {
	b := &bench{began: time.Now()}
	server := httptest.NewServer(b)
	defer server.Close()
	b.url, b.client = server.URL, server.Client()
	b.client.Transport.(*http.Transport).MaxIdleConnsPerHost = 2 * clients // a connection for each
	var g errgroup.Group
	for range clients {
		g.Go(b.closed)
		g.Go(b.open)
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return b.compare()
}

// compare prints what each clock has shown, beside what the schedule predicts.
func (b *bench) compare() error {
	fmt.Println("waits in milliseconds   number  over 100     p90     p99     max   the longest of each tenth of a second: 9 is 900 ms")
	loop90, _ := b.loop.report("closed loop")
	sent90, _ := b.sent.report("open loop, from the send")
	due90, due99 := b.planned.report("open loop, from the plan")
	p90, p99 := goOn-stop-length/10, goOn-stop-length/100
	fmt.Printf("%-24s %5d  %8d  %6.1f  %6.1f\n\n",
		"  predicted, at least", length/gap, (goOn-stop-tenth)/gap, ms(p90), ms(p99))
	came, waiting := b.planned.during(stop, goOn)
	_, closed := b.loop.during(stop, goOn)
	before, _ := b.loop.during(2*stop-goOn, stop)
	fmt.Printf("While the server stood still %d users came. As it went on %d were waiting, and %d requests of the closed loop,\n",
		came, waiting, closed)
	fmt.Printf("which had sent %d in the second before. Cores that server and tools share: %d.\n", before, runtime.GOMAXPROCS(0))
	if waiting < came || came != int((goOn-stop)/gap) || due90 < p90 || due99 < p99 {
		return fmt.Errorf("%d users came, %d waited, p90 %v, p99 %v; want %v and %v at least", came, waiting, due90, due99, p90, p99)
	}
	if loop90 > due90/2 || sent90 > due90/2 {
		return fmt.Errorf("p90: closed loop %v, from the send %v; want less than half of %v", loop90, sent90, due90)
	}
	return nil
}

// span is a wait: from where its clock started until the answer was there.
type span struct{ from, to time.Duration }

// record is what one clock has shown.
type record struct {
	mu    sync.Mutex // guards spans while clients run
	spans []span
}

func (r *record) add(from, to time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spans = append(r.spans, span{from, to})
}

// report prints a row of the table, and a picture: '.' is a tenth of a second without a long wait, ' ' one without any.
func (r *record) report(name string) (p90, p99 time.Duration) {
	picture := bytes.Repeat([]byte{' '}, int(length/tenth))
	waits, over := []time.Duration{}, 0
	for _, s := range r.spans {
		wait, mark := s.to-s.from, byte('.')
		if wait > tenth {
			over++
			mark = '0' + byte(min(wait/tenth, 9))
		}
		if i := int(s.from / tenth); i < len(picture) { // what is late may be sent after the end
			picture[i] = max(picture[i], mark)
		}
		waits = append(waits, wait)
	}
	slices.Sort(waits)
	at := func(percent int) time.Duration { return waits[(len(waits)*percent+99)/100-1] }
	fmt.Printf("%-24s %5d  %8d  %6.1f  %6.1f  %6.1f  |%s|\n",
		name, len(waits), over, ms(at(90)), ms(at(99)), ms(at(100)), picture)
	return at(90), at(99)
}

// ms returns a duration in milliseconds.
func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// during counts the waits that began in that time, and all that went on at its end.
func (r *record) during(from, to time.Duration) (began, waiting int) {
	for _, s := range r.spans {
		if s.from >= from && s.from < to {
			began++
		}
		if s.from < to && s.to >= to {
			waiting++
		}
	}
	return began, waiting
}
