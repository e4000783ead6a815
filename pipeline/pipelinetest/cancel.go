package pipelinetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"tandem/pipeline"
)

// occupy submits hold calls until no further one starts at once, and returns what releases them all. A serial executor
// is occupied from another goroutine, by one.
func occupy(t *testing.T, h Harness, ex pipeline.Executor) (g *gate, held chan *pipeline.Future, release func()) {
	t.Helper()
	g = newGate(t)
	held = make(chan *pipeline.Future, 2)
	var releases []func()
	n := 2
	if h.Serial {
		n = 1
	}
	for range n {
		if h.Serial {
			go func() { held <- submit(t, ex, hold, g.addr()) }()
		} else {
			held <- submit(t, ex, hold, g.addr())
		}
		releases = append(releases, g.running())
	}
	return g, held, func() {
		for _, r := range releases {
			r()
		}
	}
}

func testContextWaiting(t *testing.T, h Harness) {
	ex := open(t, h)
	_, held, release := occupy(t, h, ex)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error, 1)
	go func() {
		_, err := submitWith(ctx, t, ex, echo, "x").Wait(context.Background())
		waiting <- err
	}()
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("behind a busy executor: got %v, want context.Canceled", err)
	}
	release()
	if got, err := hold.Result(t.Context(), <-held); got != "released" || err != nil {
		t.Errorf("the call before it: got %q, %v", got, err)
	}
	wantEcho(t, ex)
}

func testContextRunning(t *testing.T, h Harness) {
	ex := open(t, h)
	g := newGate(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := submitWith(ctx, t, ex, hold, g.addr()).Wait(context.Background())
		ended <- err
	}()
	defer g.running()()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v, want context.Canceled", err)
	}

	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := submitWith(ctx, t, ex, hold, g.addr()).Wait(context.Background())
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("past its deadline: got %v, want context.DeadlineExceeded", err)
	}
	wantEcho(t, ex)
}

func testCancel(t *testing.T, h Harness) {
	ex := open(t, h)
	if h.Serial {
		f := submit(t, ex, echo, "x")
		if f.Cancel() {
			t.Error("a call that has ended was cancelled")
		}
		return
	}
	_, held, release := occupy(t, h, ex)
	defer func() { release(); <-held; <-held }()
	// Some that wait may have been handed to a worker; most have not.
	var cancelled int
	for range 3 {
		f := submit(t, ex, echo, "x")
		if !f.Cancel() {
			continue
		}
		cancelled++
		<-f.Done()
		if _, err := f.Wait(t.Context()); !errors.Is(err, pipeline.ErrCancelled) {
			t.Errorf("got %v, want ErrCancelled", err)
		}
		if f.Cancel() {
			t.Error("cancelled twice")
		}
	}
	if cancelled == 0 {
		t.Error("no waiting call could be cancelled")
	}
}

func testAbort(t *testing.T, h Harness) {
	ex := open(t, h)
	ended := submit(t, ex, echo, "x")
	if got, err := echo.Result(t.Context(), ended); got != "x" || err != nil {
		t.Fatalf("got %q, %v", got, err)
	}
	ended.Abort()
	if got, err := echo.Result(t.Context(), ended); got != "x" || err != nil {
		t.Errorf("aborted after its end: got %q, %v; want what it was", got, err)
	}
	if h.Serial {
		return // its calls have ended when there is a Future to abort
	}
	_, held, release := occupy(t, h, ex)
	waiting, neighbour := submit(t, ex, echo, "x"), submit(t, ex, echo, "y")
	waiting.Abort()
	waiting.Abort() // changes nothing
	running := <-held
	running.Abort()
	if _, err := running.Wait(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("aborted while it ran: got %v, want context.Canceled", err)
	}
	if _, err := waiting.Wait(t.Context()); !errors.Is(err, pipeline.ErrCancelled) {
		t.Errorf("aborted while it waited: got %v, want ErrCancelled", err)
	}
	if got, err := echo.Result(t.Context(), neighbour); got != "y" || err != nil {
		t.Errorf("a call beside it: got %q, %v", got, err)
	}
	release()
	if got, err := hold.Result(t.Context(), <-held); got != "released" || err != nil {
		t.Errorf("the other call that ran: got %q, %v", got, err)
	}
}

func testWaitGivesUp(t *testing.T, h Harness) {
	if h.Serial {
		t.Skip("a serial executor's futures have ended when Submit returns")
	}
	ex := open(t, h)
	g := newGate(t)
	f := submit(t, ex, hold, g.addr())
	release := g.running()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	release()
	if got, err := hold.Result(t.Context(), f); got != "released" || err != nil {
		t.Errorf("the call itself: got %q, %v; want released", got, err)
	}
}

func testCloseDrains(t *testing.T, h Harness) {
	ex := h.New(t)
	var futures []*pipeline.Future
	for _, in := range numbers(50) {
		futures = append(futures, submit(t, ex, echo, in))
	}
	if err := ex.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, f := range futures {
		select {
		case <-f.Done():
		default:
			t.Fatalf("call %d has not ended after Close", i)
		}
		if _, err := f.Wait(t.Context()); err != nil {
			t.Errorf("call %d: %v", i, err)
		}
	}
	if _, err := submit(t, ex, echo, "x").Wait(t.Context()); !errors.Is(err, pipeline.ErrClosed) {
		t.Errorf("submit after Close: got %v, want ErrClosed", err)
	}
	if err := ex.Close(t.Context()); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func testCloseAborts(t *testing.T, h Harness) {
	ex := h.New(t)
	_, held, _ := occupy(t, h, ex)
	var waiting *pipeline.Future
	if !h.Serial {
		waiting = submit(t, ex, echo, "x")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ex.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close: got %v, want context.Canceled", err)
	}
	if _, err := (<-held).Wait(t.Context()); err == nil {
		t.Error("the running call ended without an error")
	}
	if waiting != nil {
		if _, err := waiting.Wait(t.Context()); err == nil {
			t.Error("the waiting call ended without an error")
		}
	}
	if err := ex.Close(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("second Close: %v", err)
	}
}
