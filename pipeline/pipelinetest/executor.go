package pipelinetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tandem/pipeline"
)

// Harness says how to make the executor under test.
type Harness struct {
	// New returns a fresh executor of Tasks that runs two calls at once if it can; the suite closes it.
	New func(t *testing.T) pipeline.Executor
	// Serial is set for an executor that runs calls inside Submit.
	Serial bool
	// NewContaining returns a fresh executor that survives what tasks do to their process, with a deadline of about a
	// second for each call. Defaults to nil: there is no such thing, and the containment part is left out.
	NewContaining func(t *testing.T) pipeline.Executor
	// Crashed takes apart the error of a call that was given up after its worker died. Needed by NewContaining.
	Crashed func(error) (reason string, attempts int, ok bool)
}

// RunExecutor runs the suite.
func RunExecutor(t *testing.T, h Harness) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, Harness)
	}{
		{"same results in order", testMap},
		{"every result as completed", testAsCompleted},
		{"lazy and bounded", testLazy},
		{"an infinite input can be left", testBreak},
		{"errors are data", testErrors},
		{"panics are contained", testPanics},
		{"unknown task", testUnknown},
		{"file references", testRef},
		{"large and empty inputs", testSizes},
		{"concurrent submitters", testSubmitters},
		{"context over before submit", testContextBefore},
		{"context over while waiting", testContextWaiting},
		{"context over while running", testContextRunning},
		{"cancel before start", testCancel},
		{"abort one call", testAbort},
		{"wait gives up alone", testWaitGivesUp},
		{"close drains", testCloseDrains},
		{"close aborts", testCloseAborts},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, h)
		})
	}
	if h.NewContaining != nil {
		h.New = h.NewContaining
		t.Run("containment", func(t *testing.T) { runContainment(t, h) })
	}
}

// open returns an executor that is closed, without an error, at the end of the test.
func open(t *testing.T, h Harness) pipeline.Executor {
	t.Helper()
	ex := h.New(t)
	t.Cleanup(func() {
		if err := ex.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return ex
}

func numbers(n int) []string {
	in := make([]string, n)
	for i := range in {
		in[i] = fmt.Sprintf("item %d", i)
	}
	return in
}

func testMap(t *testing.T, h Harness) {
	want := numbers(3000)
	var got []string
	for out, err := range pipeline.Map(t.Context(), open(t, h), echo, slices.Values(want)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, out)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %d results, not the %d inputs in order", len(got), len(want))
	}
}

func testAsCompleted(t *testing.T, h Harness) {
	left := make(map[string]bool)
	for _, in := range numbers(3000) {
		left[in] = true
	}
	for c := range pipeline.AsCompleted(t.Context(), open(t, h), echo, slices.Values(numbers(3000))) {
		if c.Err != nil || c.Out != c.In || !left[c.In] {
			t.Fatalf("got %+v; expected still: %v", c, left[c.In])
		}
		delete(left, c.In)
	}
	if len(left) > 0 {
		t.Errorf("%d inputs without a result", len(left))
	}
}

func testLazy(t *testing.T, h Harness) {
	ex := open(t, h)
	most := 64
	if w, ok := ex.(pipeline.Windower); ok {
		most = w.Window()
	}
	pulled, delivered := 0, 0
	inputs := func(yield func(string) bool) {
		for i := 0; i < 5000; i++ {
			pulled++
			if ahead := pulled - delivered; ahead > most+1 {
				t.Errorf("%d inputs pulled ahead, window %d", ahead, most)
			}
			if !yield("x") {
				return
			}
		}
	}
	for _, err := range pipeline.Map(t.Context(), ex, echo, inputs) {
		if err != nil {
			t.Fatal(err)
		}
		delivered++
	}
	if delivered != 5000 {
		t.Errorf("%d results, want 5000", delivered)
	}
}

func testBreak(t *testing.T, h Harness) {
	ex := open(t, h)
	endless := func(yield func(string) bool) {
		for yield("x") {
		}
	}
	n := 0
	for range pipeline.Map(t.Context(), ex, echo, endless) {
		if n++; n == 100 {
			break
		}
	}
	for range pipeline.AsCompleted(t.Context(), ex, echo, endless) {
		if n++; n == 200 {
			break
		}
	}
	if n != 200 {
		t.Errorf("%d results, want 200", n)
	}
}

func testErrors(t *testing.T, h Harness) {
	ex := open(t, h)
	_, err := fails.Result(t.Context(), submit(t, ex, fails, "no such page"))
	var te *pipeline.TaskError
	if !errors.As(err, &te) || te.Task != "fails" || te.Msg != "no such page" || te.Cause != nil {
		t.Errorf("got %#v, want a TaskError of task fails: no such page", err)
	}
	if want := `task "fails": no such page`; err == nil || err.Error() != want {
		t.Errorf("got text %v, want %s", err, want)
	}
	bad := ex.Submit(t.Context(), pipeline.Call{Task: "slice", Payload: []byte("{")})
	if _, err := bad.Wait(t.Context()); !errors.As(err, &te) || !strings.HasPrefix(te.Msg, "decode input: ") {
		t.Errorf("input that does not decode: got %v", err)
	}
	wantEcho(t, ex)
}

func testPanics(t *testing.T, h Harness) {
	ex := open(t, h)
	for range 5 {
		_, err := panics.Result(t.Context(), submit(t, ex, panics, "boom"))
		var pe *pipeline.PanicError
		if !errors.As(err, &pe) || pe.Task != "panics" || pe.Value != "boom" || !strings.Contains(pe.Stack, "pipelinetest") {
			t.Fatalf("got %#v, want a PanicError with its stack", err)
		}
	}
	if !h.Serial { // there it would end the goroutine of this test
		_, err := goexits.Result(t.Context(), submit(t, ex, goexits, ""))
		if pe := (*pipeline.PanicError)(nil); !errors.As(err, &pe) {
			t.Errorf("runtime.Goexit: got %v, want a PanicError", err)
		}
	}
	wantEcho(t, ex)
}

func testUnknown(t *testing.T, h Harness) {
	ex := open(t, h)
	_, err := ex.Submit(t.Context(), pipeline.Call{Task: "nobody's"}).Wait(t.Context())
	if !errors.Is(err, pipeline.ErrUnknownTask) || !strings.Contains(err.Error(), `"nobody's"`) {
		t.Errorf("got %v, want ErrUnknownTask naming it", err)
	}
	wantEcho(t, ex)
}

func testRef(t *testing.T, h Harness) {
	path := filepath.Join(t.TempDir(), "segment")
	if err := os.WriteFile(path, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := slice.Result(t.Context(), submit(t, open(t, h), slice, pipeline.Ref{Path: path, Off: 3, Len: 4}))
	if string(got) != "3456" || err != nil {
		t.Errorf("got %q, %v; want 3456", got, err)
	}
}

func testSizes(t *testing.T, h Harness) {
	ex := open(t, h)
	for _, n := range []int{0, 1, 64 << 10, 9 << 20} {
		in := strings.Repeat("x", n)
		if got, err := echo.Result(t.Context(), submit(t, ex, echo, in)); got != in || err != nil {
			t.Errorf("%d bytes: got %d bytes, %v", n, len(got), err)
		}
		if got, err := length.Result(t.Context(), submit(t, ex, length, in)); got != fmt.Sprint(n) || err != nil {
			t.Errorf("%d bytes: got %s, %v", n, got, err)
		}
	}
}

func testSubmitters(t *testing.T, h Harness) {
	ex := open(t, h)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				in := fmt.Sprintf("%d of %d", i, g)
				if got, err := echo.Result(t.Context(), submit(t, ex, echo, in)); got != in || err != nil {
					t.Errorf("got %q, %v; want %q", got, err, in)
					return
				}
			}
		})
	}
	wg.Wait()
}

func testContextBefore(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	ex := open(t, h)
	if _, err := submitWith(ctx, t, ex, echo, "x").Wait(t.Context()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	wantEcho(t, ex)
}

// submit encodes and submits with the test's context.
func submit[In, Out any](t *testing.T, ex pipeline.Executor, task pipeline.Task[In, Out], in In) *pipeline.Future {
	return submitWith(t.Context(), t, ex, task, in)
}

func submitWith[In, Out any](ctx context.Context, t *testing.T, ex pipeline.Executor, task pipeline.Task[In, Out], in In) *pipeline.Future {
	c, err := task.Call(in)
	if err != nil {
		t.Error(err)
	}
	return ex.Submit(ctx, c)
}

// wantEcho checks that the executor still works.
func wantEcho(t *testing.T, ex pipeline.Executor) {
	t.Helper()
	for _, in := range numbers(20) {
		if got, err := echo.Result(t.Context(), submit(t, ex, echo, in)); got != in || err != nil {
			t.Fatalf("afterwards: got %q, %v; want %q", got, err, in)
		}
	}
}

// gate is what hold tasks connect to.
type gate struct {
	t  *testing.T
	ln net.Listener
}

func newGate(t *testing.T) *gate {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return &gate{t, ln}
}

func (g *gate) addr() string { return g.ln.Addr().String() }

// running waits until a hold task runs and returns what lets it go on.
func (g *gate) running() (release func()) {
	conn, err := g.ln.Accept()
	if err != nil {
		g.t.Error(err)
		return func() {}
	}
	return func() { conn.Close() }
}
