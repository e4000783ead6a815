package enginetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/load/engine"
	"tandem/load/schedule"
)

// storms is how many are tried. TANDEM_STORMS says otherwise, TANDEM_STORM_SEED which is the first.
const storms = 12

// storm has servers that do what chance says, under jobs that are as chance says. All sends are accounted for, the job ends, and once
// the server is well again every connection of the job is in use: none got lost.
func (s Subject) storm(t *testing.T) {
	first, count := number("TANDEM_STORM_SEED", 1), number("TANDEM_STORMS", storms)
	for seed := first; seed < first+count; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s.oneStorm(t, seed)
		})
	}
}

func number(name string, otherwise uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv(name), 10, 32); err == nil {
		return n
	}
	return otherwise
}

func (s Subject) oneStorm(t *testing.T, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0))
	w := &weather{seed: seed, mood: rng.IntN(len(behaviours()) + 1)}
	srv := script(t, w.play)
	k := &task{urls: []string{srv.url}, connections: 1 + rng.IntN(20), timeout: time.Duration(20+rng.IntN(100)) * time.Millisecond}
	if s.Pipelines && rng.IntN(2) == 0 {
		k.pipeline = 1 + rng.IntN(20)
	}
	switch rng.IntN(3) {
	case 0:
		k.method, k.body = "POST", strings.Repeat("b", rng.IntN(100_000))
	case 1:
		k.urls = []string{srv.url + "?{{seq}}"}
	}
	if rng.IntN(2) == 0 {
		k.when = new(schedule.Constant(float64(500+rng.IntN(3000)), time.Hour))
	} else {
		k.length = time.Hour
	}
	cutIt := rng.IntN(3) == 0
	verdict := make(chan string, 1)
	k.begun = func(job *engine.Job, cancel context.CancelCauseFunc) {
		go func() {
			waitAtLeast(time.Duration(50+rng.IntN(150)) * time.Millisecond)
			if cutIt {
				job.Plan.Stop()
				cancel(engine.ErrGrace)
				verdict <- ""
				return
			}
			w.calm.Store(true)
			deadline := time.Now().Add(10 * time.Second)
			for w.live.Load() < int64(k.connections) && time.Now().Before(deadline) {
				waitAtLeast(time.Millisecond)
			}
			lost := ""
			if n := w.live.Load(); n < int64(k.connections) {
				lost = fmt.Sprintf("%d of %d connections are in use after the storm", n, k.connections)
			}
			job.Plan.Stop()
			verdict <- lost
		}()
	}
	o := s.perform(t, k)
	if lost := <-verdict; lost != "" {
		t.Error(lost)
	}
	stopped, _ := o.job.Plan.IsStopped()
	if over := o.took - stopped; over > k.timeout+3*time.Second {
		t.Errorf("it took %v from the stop to the end, the time limit is %v", over, k.timeout)
	}
	if t.Failed() {
		t.Logf("mood %d, %s with %d bytes, %d connections, pipeline %d, timeout %v: %+v, %v, %v", w.mood, k.method, len(k.body), k.connections, k.pipeline, k.timeout, o.Counts, o.Status, o.Errors)
	}
}

// weather is a server in a storm.
type weather struct {
	seed uint64
	mood int // the one thing that it does, or all of them
	calm atomic.Bool
	live atomic.Int64 // connections that had a request in calm weather
}

func (w *weather) play(k *talk) {
	rng := rand.New(rand.NewPCG(w.seed, uint64(k.n)))
	list := behaviours()
	counted := false
	defer func() {
		if counted {
			w.live.Add(-1)
		}
	}()
	if rng.IntN(20) == 0 && !w.calm.Load() {
		k.say(sized("early"))
	}
	for k.request() != "" {
		if w.calm.Load() {
			if !counted {
				counted = true
				w.live.Add(1)
			}
			if !k.say(sized("calm")) {
				return
			}
			continue
		}
		one := w.mood
		if one == len(list) || rng.IntN(3) == 0 {
			one = rng.IntN(len(list))
		}
		if !list[one](k, rng) {
			return
		}
	}
}

// behaviours are what a server may do with a request. They report whether the connection goes on.
func behaviours() []func(*talk, *rand.Rand) bool {
	say := func(text string, on bool) func(*talk, *rand.Rand) bool {
		return func(k *talk, _ *rand.Rand) bool { return k.say(text) && on }
	}
	return []func(*talk, *rand.Rand) bool{
		say(sized("ab"), true),
		func(k *talk, rng *rand.Rand) bool { return k.say(sized(strings.Repeat("x", rng.IntN(500_000)))) },
		say(ok200+"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", true),
		say("HTTP/1.1 103 H\r\n\r\nHTTP/1.1 204 N\r\n\r\n", true),
		say(ok200+"\r\nuntil close", false),
		say(ok200+"Connection: close\r\nContent-Length: 1\r\n\r\nx", false),
		say(sized("and closes"), false),
		say("", false),
		say("HTTP/1.1 200 OK\r\nContent-Le", false),
		say(ok200+"Content-Length: 5\r\n\r\nab", false),
		say("garbage\r\n\r\n", true),
		say(sized("first")+sized("second"), true),
		func(k *talk, _ *rand.Rand) bool { k.reset(); return false },
		func(k *talk, _ *rand.Rand) bool {
			k.say(ok200 + "Content-Length: 5\r\n\r\nab")
			k.reset()
			return false
		},
		func(k *talk, _ *rand.Rand) bool { k.hold(); return false },
		func(k *talk, _ *rand.Rand) bool { k.say(ok200 + "Content-Length: 5\r\n\r\nab"); k.hold(); return false },
		func(k *talk, _ *rand.Rand) bool { k.say(sized("ab")); _ = k.conn.CloseWrite(); k.hold(); return false },
		func(k *talk, rng *rand.Rand) bool {
			waitAtLeast(time.Duration(rng.IntN(40)) * time.Millisecond)
			return k.say(sized("slow"))
		},
		func(k *talk, rng *rand.Rand) bool {
			for _, b := range []byte(sized("by the byte")) {
				if !k.say(string(b)) {
					return false
				}
			}
			return rng.IntN(2) == 0
		},
	}
}
