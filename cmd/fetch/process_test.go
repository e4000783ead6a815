package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"tandem/internal/site"
)

// process is a fetch that a test started.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err captured
	done     chan struct{} // closed when it has ended
	began    time.Time
	took     time.Duration
}

// captured collects output while the program writes it. Safe for concurrent use.
type captured struct {
	mu   sync.Mutex // guards the fields below
	text bytes.Buffer
	more chan struct{} // closed and replaced when text grows
}

func (o *captured) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.more != nil {
		close(o.more)
		o.more = nil
	}
	return o.text.Write(p)
}

func (o *captured) String() string {
	s, _ := o.now()
	return s
}

// now returns the text so far and a channel that closes when there is more.
func (o *captured) now() (string, <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.more == nil {
		o.more = make(chan struct{})
	}
	return o.text.String(), o.more
}

// start runs the built program. It is killed when the test ends.
func start(t *testing.T, env string, args ...string) *process {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return startCommand(t, env, path, args...)
}

func startCommand(t *testing.T, env, path string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(path, args...), done: make(chan struct{}), began: time.Now()}
	p.cmd.Env = append(os.Environ(), env)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.err
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // ProcessState has it
		p.took = time.Since(p.began)
	}()
	t.Cleanup(func() {
		p.signal(syscall.SIGKILL)
		<-p.done
	})
	return p
}

func (p *process) signal(s syscall.Signal) {
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		p.t.Errorf("signal %v: %v", s, err)
	}
}

// patience is how long a test waits for what should come at once; a busy
// machine may need some of it.
const patience = 60 * time.Second

// wait returns the exit code, or minus the signal that ended the process.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.signal(syscall.SIGQUIT) // for the stacks
		<-p.done
		p.t.Fatalf("fetch did not end\n%s", p.err.String())
	}
	status, _ := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return -int(status.Signal())
	}
	return status.ExitStatus()
}

// says waits until standard error has the text.
func (p *process) says(text string) {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		have, more := p.err.now()
		if strings.Contains(have, text) {
			return
		}
		select {
		case <-more:
		case <-p.done:
			if !strings.Contains(p.err.String(), text) {
				p.t.Fatalf("ended without saying %q\n%s", text, p.err.String())
			}
			return
		case <-deadline:
			p.t.Fatalf("does not say %q\n%s", text, have)
		}
	}
}

// fetch runs the program to its end and checks its exit code.
func fetch(t *testing.T, want int, args ...string) *process {
	t.Helper()
	p := start(t, "", args...)
	if got := p.wait(); got != want {
		t.Fatalf("fetch %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, p.out.String(), p.err.String())
	}
	return p
}

// gentle crawls a site of our own as fast as it goes, with inFlight requests.
func gentle(dir, url string) []string {
	return []string{"crawl", url + "/", "-o", dir, "--host-rate", "0", "--host-concurrency", "8", "--concurrency", "8", "-q"}
}

// inFlight is the concurrency of gentle.
const inFlight = 8

// serving puts a handler on loopback for the length of a test and returns its
// URL without the final slash.
func serving(t *testing.T, h http.Handler) string {
	t.Helper()
	srv, err := site.Serve(context.Background(), "127.0.0.1:0", h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Errorf("close site: %v", err)
		}
	})
	return strings.TrimSuffix(srv.URL(), "/")
}

// everything is a site with some of everything that ends quickly: its 503s ask
// for no wait.
func everything(pages int) site.SyntheticOptions {
	opt := site.DefaultSynthetic(pages)
	opt.RetryAfter = 0
	return opt
}

func synthetic(t *testing.T, opt site.SyntheticOptions) (*site.SyntheticSite, string) {
	t.Helper()
	s, err := site.Synthetic(opt)
	if err != nil {
		t.Fatal(err)
	}
	return s, serving(t, s)
}

// waitUntil waits for a condition that another goroutine makes true, while a
// process lives.
func waitUntil(t *testing.T, p *process, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-p.done:
			t.Fatalf("ended before %s\n%s", what, p.err.String())
		case <-deadline:
			t.Fatalf("waited in vain for %s\n%s", what, p.err.String())
		}
	}
}
