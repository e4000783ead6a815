package procpool_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// What the workers of the benchmarks do; testdata/bare has the same.
var (
	bareEcho = pipeline.Task[[]byte, []byte]{Name: "echo", Version: 1, In: pipeline.Bytes(), Out: pipeline.Bytes(),
		Do: func(_ context.Context, in []byte, _ *pipeline.Ref) ([]byte, error) { return in, nil }}
	bareLength  = pipeline.Task[[]byte, int]{Name: "length", Version: 1, In: pipeline.Bytes(), Out: pipeline.JSON[int]()}
	bareStretch = pipeline.Task[pipeline.Ref, int]{Name: "stretch", Version: 1, In: nothing(), Out: pipeline.JSON[int](),
		Ref: func(r pipeline.Ref) *pipeline.Ref { return &r }}
	bareStretchNew = func() pipeline.Task[pipeline.Ref, int] { t := bareStretch; t.Name = "stretch-new"; return t }()
	barePID        = pipeline.Task[string, string]{Name: "pid", Version: 1, In: pipeline.Text(), Out: pipeline.Text()}
	bareSpin       = pipeline.Task[[2]int, int]{Name: "spin", Version: 1, In: pipeline.JSON[[2]int](), Out: pipeline.JSON[int]()}
)

// nothing encodes a reference as no input: it travels beside it.
func nothing() pipeline.Codec[pipeline.Ref] {
	return pipeline.Codec[pipeline.Ref]{Append: func(dst []byte, _ pipeline.Ref) ([]byte, error) { return dst, nil }}
}

const (
	peerRounds = 5
	peerRound  = 300 * time.Millisecond
	distinct   = 256 // inputs, as in peers.py
	smallSize  = 100
	largeSize  = 100_000
)

// BenchmarkPeers measures the pool beside Python's pools: same work, same machine, in turn. It prints tables; what it
// measures is written at each part. Nothing is judged. BENCH_ITEMS is how many inputs the part Memory takes.
func BenchmarkPeers(b *testing.B) {
	lab := lab{bare: filepath.Join(b.TempDir(), "bare"), python: findPython(b.Context())}
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", lab.bare, "./testdata/bare").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	fmt.Fprintf(report, "\nPeers: two workers each, warmed up; Python: %s\n", lab.python)
	once(b, "Small", lab.small)
	once(b, "Large", lab.large)
	once(b, "Start", lab.start)
	once(b, "Replaced", lab.replaced)
	once(b, "Killed", lab.killed)
	once(b, "Memory", lab.memory)
}

// lab is what the parts of BenchmarkPeers share.
type lab struct {
	bare   string // the program of the workers
	python python
}

// open returns a pool of bare workers that is closed at the end of the benchmark.
func (l lab) open(b *testing.B, cfg procpool.Config) *procpool.Pool {
	b.Helper()
	cfg.Tasks, cfg.Command = bareTasks(), []string{l.bare}
	pool := open(b, cfg)
	b.Cleanup(func() {
		if err := pool.Close(context.Background()); err != nil {
			b.Errorf("Close: %v", err)
		}
	})
	return pool
}

func bareTasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(bareEcho, bareLength, bareStretch, bareStretchNew, barePID, bareSpin)
	if err != nil {
		panic(err)
	}
	return set
}

// small: the overhead of one item of 100 bytes that comes back as it is, many in flight.
func (l lab) small(b *testing.B) (figures, error) {
	pool := l.open(b, procpool.Config{Workers: 2})
	local := pipeline.NewGoroutines(bareTasks(), 2)
	defer local.Close(context.Background())
	in := blobs(smallSize)
	ex, mp := l.python.start(b, "executor", "-"), l.python.start(b, "pool", "-")
	return table{
		title: "100 bytes there and back", unit: time.Microsecond, per: "item", rounds: peerRounds, round: peerRound,
		rows: []contender{
			inOrder("procpool, pipeline.Map", "Map", pool, bareEcho, in, smallSize),
			{name: "procpool, pipeline.AsCompleted", short: "AsCompleted", run: asCompleted(pool, in)},
			inOrder("goroutines in this process, pipeline.Map: nothing contained", "goroutines", local, bareEcho, in, smallSize),
			l.python.row(ex, "ProcessPoolExecutor.map, chunksize 1", "py-map-1", "same 100 1 %d"),
			l.python.row(ex, "ProcessPoolExecutor.map, chunksize 64", "py-map-64", "same 100 64 %d"),
			l.python.row(mp, "multiprocessing.Pool.imap, chunksize 1", "py-imap-1", "same 100 1 %d"),
			l.python.row(mp, "multiprocessing.Pool.imap, chunksize 64", "py-imap-64", "same 100 64 %d"),
		},
	}.measure(report)
}

// large: items of 100 KB that a worker gets (by value) or reads from a file in the page cache (by reference); it returns
// their length. CPython frees what it read at once, and its allocator may hand the same memory out again, as a kept buffer is.
func (l lab) large(b *testing.B) (figures, error) {
	pool := l.open(b, procpool.Config{Workers: 2})
	in := blobs(largeSize)
	path := filepath.Join(b.TempDir(), "blobs")
	if err := os.WriteFile(path, bytes.Join(in, nil), 0o600); err != nil {
		return nil, err
	}
	refs := make([]pipeline.Ref, distinct)
	for i := range refs {
		refs[i] = pipeline.Ref{Path: path, Off: int64(i) * largeSize, Len: largeSize}
	}
	ex, mp := l.python.start(b, "executor", path), l.python.start(b, "pool", path)
	return table{
		title: "100 KB in, a number out", unit: time.Microsecond, per: "item", rounds: peerRounds, round: peerRound,
		rows: []contender{
			inOrder("procpool, by reference, the task keeps its buffer", "ref", pool, bareStretch, refs, largeSize),
			inOrder("procpool, by reference, a new buffer per item", "ref-new", pool, bareStretchNew, refs, largeSize),
			inOrder("procpool, by value", "value", pool, bareLength, in, largeSize),
			l.python.row(ex, "ProcessPoolExecutor.map, by reference, chunksize 1", "py-map-ref-1", "reference 100000 1 %d"),
			l.python.row(ex, "ProcessPoolExecutor.map, by reference, chunksize 64", "py-map-ref-64", "reference 100000 64 %d"),
			l.python.row(ex, "ProcessPoolExecutor.map, by value, chunksize 1", "py-map-value-1", "value 100000 1 %d"),
			l.python.row(mp, "multiprocessing.Pool.imap, by reference, chunksize 1", "py-imap-ref-1", "reference 100000 1 %d"),
			l.python.row(mp, "multiprocessing.Pool.imap, by reference, chunksize 64", "py-imap-ref-64", "reference 100000 64 %d"),
			l.python.row(mp, "multiprocessing.Pool.imap, by value, chunksize 1", "py-imap-value-1", "value 100000 1 %d"),
		},
	}.measure(report)
}

// start: from nothing to a worker that can take a call. The bare one links the pool and no more; the test binary links
// what the tests need.
func (l lab) start(b *testing.B) (figures, error) {
	bare := procpool.Config{Tasks: bareTasks(), Command: []string{l.bare}}
	full := procpool.Config{Tasks: roughTasks(), Env: []string{roughEnv + "=1"}}
	s := l.python.start(b, "start")
	return table{
		title: "start of one process until it is ready", unit: time.Millisecond, per: "start", rounds: 20,
		rows: []contender{
			{name: "procpool, a program that links only the pool", short: "bare", run: newWorker(b.Context(), bare)},
			{name: "procpool, the test binary", short: "test-binary", run: newWorker(b.Context(), full)},
			l.python.row(s, "multiprocessing.Process, fork, of a small program", "py-fork", "fork"),
			l.python.row(s, "multiprocessing.Process, forkserver", "py-forkserver", "forkserver"),
			l.python.row(s, "multiprocessing.Process, spawn", "py-spawn", "spawn"),
		},
	}.measure(report)
}

// newWorker opens a pool of one worker and returns how long that took.
func newWorker(ctx context.Context, cfg procpool.Config) func(int) (time.Duration, error) {
	cfg.Workers, cfg.Spares = 1, -1
	return func(int) (time.Duration, error) {
		begin := time.Now()
		pool, err := procpool.New(ctx, cfg)
		took := time.Since(begin)
		if err != nil {
			return 0, err
		}
		return took, pool.Close(ctx)
	}
}

// replaced: from the SIGKILL of a pool's one worker until another has answered a call.
func (l lab) replaced(b *testing.B) (figures, error) {
	spare, none := l.open(b, procpool.Config{Workers: 1}), l.open(b, procpool.Config{Workers: 1, Spares: -1})
	s := l.python.start(b, "broken")
	return table{
		title: "SIGKILL of the one worker until another answers", unit: time.Millisecond, per: "kill", rounds: 20,
		rows: []contender{
			{name: "procpool, with a spare worker", short: "spare", run: killAndWait(b.Context(), spare, 1)},
			{name: "procpool, without", short: "no-spare", run: killAndWait(b.Context(), none, 0)},
			l.python.row(s, "ProcessPoolExecutor: is broken, a new one is made by hand", "py-map", "kill"),
		},
	}.measure(report)
}

func killAndWait(ctx context.Context, pool *procpool.Pool, spares int) func(int) (time.Duration, error) {
	return func(int) (time.Duration, error) {
		victim, err := answerer(ctx, pool)
		if err != nil {
			return 0, err
		}
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for pool.Stats().Spares < spares {
			<-tick.C
		}
		begin := time.Now()
		if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
			return 0, err
		}
		for next := victim; next == victim; {
			if next, err = answerer(ctx, pool); err != nil {
				return 0, err
			}
		}
		return time.Since(begin), nil
	}
}

// answerer returns the process number of the worker that answers now.
func answerer(ctx context.Context, pool *procpool.Pool) (int, error) {
	call, err := barePID.Call("")
	if err != nil {
		return 0, err
	}
	pid, err := barePID.Result(ctx, pool.Submit(ctx, call))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(pid)
}

// inOrder is a contender that puts inputs through pipeline.Map.
func inOrder[In, Out any](name, short string, ex pipeline.Executor, t pipeline.Task[In, Out], in []In, size int) contender {
	return contender{name: name, short: short, run: func(n int) (time.Duration, error) {
		begin, total := time.Now(), 0
		for out, err := range pipeline.Map(context.Background(), ex, t, cycle(in, n)) {
			if err != nil {
				return 0, err
			}
			switch out := any(out).(type) {
			case int:
				total += out
			case []byte:
				total += len(out)
			}
		}
		return time.Since(begin), whole(total, n*size)
	}}
}

func asCompleted(ex pipeline.Executor, in [][]byte) func(int) (time.Duration, error) {
	return func(n int) (time.Duration, error) {
		begin, total := time.Now(), 0
		for c := range pipeline.AsCompleted(context.Background(), ex, bareEcho, cycle(in, n)) {
			if c.Err != nil {
				return 0, c.Err
			}
			total += len(c.Out)
		}
		return time.Since(begin), whole(total, n*smallSize)
	}
}

var errNotWhole = errors.New("bytes are missing")

func whole(got, want int) error {
	if got != want {
		return fmt.Errorf("%w: %d answered, not %d", errNotWhole, got, want)
	}
	return nil
}

// cycle yields n values, the given ones again and again.
func cycle[T any](values []T, n int) iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := range n {
			if !yield(values[i%len(values)]) {
				return
			}
		}
	}
}

// blobs are random inputs of that size.
func blobs(size int) [][]byte {
	rnd := rand.NewChaCha8([32]byte{1})
	all := make([][]byte, distinct)
	for i := range all {
		all[i] = make([]byte, size)
		_, _ = rnd.Read(all[i]) // never fails
	}
	return all
}
