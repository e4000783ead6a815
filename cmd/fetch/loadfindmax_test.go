package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"tandem/internal/cli"
	"tandem/load"
)

// TestFindMaxStopped: a signal in the third trial reports the two before it, keeps their result, and exits 130.
func TestFindMaxStopped(t *testing.T) {
	t.Parallel()
	var once sync.Once
	var answers atomic.Int64
	enough := make(chan struct{})
	url := serving(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if answers.Add(1) >= 70+140+10 { // trials of 60 and 120, and what settles before
			once.Do(func() { close(enough) })
		}
		_, _ = w.Write([]byte("x"))
	}))
	dir := t.TempDir()
	p := start(t, "", "load", url, "--find-max", "response.p99<30s", "-r", "60/s", "-d", "1s", "--warmup", "100ms", "-o", dir)
	await(t, "answers", enough)
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, p.err.String())
	}
	out := p.out.String()
	for _, want := range []string{"interrupted", "Trials, ", " 60/s ", "(the search was stopped)"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s%s", want, out, p.err.String())
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, "load", "load.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"state=interrupted", "find_max.end=interrupted", "find_max.rate>=60"} {
		if err := checkValue(string(b), want); err != nil {
			t.Errorf("load.json: %v", err)
		}
	}
}

// TestFoundNothing: a search without a rate that holds exits 3, whatever is accepted of the client.
func TestFoundNothing(t *testing.T) {
	t.Parallel()
	trials := []load.Trial{{Rate: 10, Reason: "the client was the limit"}}
	for _, c := range []struct {
		rate  float64
		end   string
		allow bool
		want  int
	}{
		{0, load.EndClient, true, cli.ExitThreshold},
		{0, load.EndClient, false, cli.ExitThreshold},
		{0, load.EndNothing, true, cli.ExitThreshold},
		{0, load.EndTrials, true, cli.ExitThreshold},
		{5, load.EndClient, false, cli.ExitThreshold},
		{5, load.EndClient, true, 0},
		{5, load.EndFound, false, 0},
	} {
		err := foundError(&load.FindMax{Rate: c.rate, FailsAt: 10, End: c.end, Trials: trials}, c.allow)
		if got := cli.ExitCode(err); got != c.want {
			t.Errorf("%+v: exit code %d, %v", c, got, err)
		}
	}
}
