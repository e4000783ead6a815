package main

import (
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// TestCompareStopped: a signal ends the turns, what was measured is reported if there are pairs, and the exit code is 130.
func TestCompareStopped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		slice    string
		after    int64 // answers, of which 40 are a turn of 200 ms
		reported bool
	}{"after pairs": {"200ms", 400, true}, "in the first turn": {"1m", 20, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var once sync.Once
			var answers atomic.Int64
			enough := make(chan struct{})
			url := serving(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if answers.Add(1) >= c.after {
					once.Do(func() { close(enough) })
				}
				_, _ = w.Write([]byte("x"))
			}))
			p := start(t, "", "compare", "--run", url, url, "-d", "10m", "--slice", c.slice, "--warmup", "0", "-r", "200/s", "-q")
			await(t, "answers", enough)
			p.signal(syscall.SIGINT)
			if code := p.wait(); code != 130 {
				t.Errorf("exit code %d, want 130\n%s", code, p.err.String())
			}
			out := p.out.String()
			if got := strings.Contains(out, "bootstrap over pairs") && strings.Contains(out, "A was interrupted"); got != c.reported {
				t.Errorf("reported %v, want %v:\n%s%s", got, c.reported, out, p.err.String())
			}
			if !c.reported && !strings.Contains(p.err.String(), "0 pairs of turns were measured") {
				t.Errorf("no word about the pairs: %s", p.err.String())
			}
		})
	}
}
