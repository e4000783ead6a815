package procpool

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"runtime"
	"time"

	"tandem/pipeline"
)

// Config says what the workers of a pool are and what they may use. Only Tasks is needed.
type Config struct {
	// Tasks that calls may name. The workers must have them in the same versions.
	Tasks *pipeline.TaskSet
	// Workers is the number of worker processes. Defaults to runtime.GOMAXPROCS(0).
	Workers int
	// Command is the argument list of a worker; it calls Serve. Defaults to this program with the argument "worker",
	// found as /proc/self/exe where that exists, so that it is the same program even after the file was replaced.
	Command []string
	// Env is added to the environment of the workers, which is this process's, and wins over it. GOMAXPROCS is 1 there
	// unless Env or the environment sets it: the pool's parallelism is its processes, and one collector per core wastes
	// least.
	Env []string
	// Output receives what workers print, as it comes. A Write that blocks holds up the worker, and in the end Close.
	// Defaults to nil: only the end is kept, for errors.
	Output io.Writer
	// Logger for the life of workers. Defaults to discarding.
	Logger *slog.Logger

	// Memory is the hard limit of a worker's data in bytes (RLIMIT_DATA, Linux only; a Go program needs about 192 MiB).
	// The pool looks at what it holds as well, ten times a second: shared memory is not data to the kernel. Its garbage
	// collector is told four fifths of it, and to collect half as often as usual unless GOGC is set; a worker that holds
	// more than seven tenths between calls is replaced. Defaults to 0: no limit.
	Memory int64
	// Sandbox has workers give up, before their first call, what a computation does not need (Linux only): sockets, running
	// programs, tracing, and changing files, whatever the tasks may be talked into. What they read stays free. Defaults to
	// SandboxOff.
	Sandbox Sandbox
	// ItemTimeout is how long one call may run: then its context is over, and a tenth later (50 ms at least, 5 s at
	// most) the worker is killed with its process group. A worker that has calls and takes none in hand for 5 s longer is
	// replaced, too: it may have been stopped. Defaults to 0: no limit.
	ItemTimeout time.Duration
	// GracePeriod is what a worker gets to end by itself before it is terminated, and again before it is killed; also a
	// call whose context is over. Defaults to 5 s.
	GracePeriod time.Duration
	// StartTimeout is how long a worker may take to get ready. Defaults to 60 s.
	StartTimeout time.Duration
	// Spares is how many workers are kept ready besides Workers, to take the place of one that dies or is replaced: they
	// cost what an idle worker costs, and are started once the pool has been in use for ten times as long as its workers
	// took to start. Defaults to 1; -1 for none.
	Spares int
	// MaxItemsPerWorker replaces a worker after so many calls. Defaults to 0: never.
	MaxItemsPerWorker int
	// RestartBudget is how many workers may die in a row, without one call succeeding in between, before the pool gives
	// up. Defaults to 64.
	RestartBudget int

	// Backlog is how many calls may wait in the pool, 1,048,576 at most; Submit blocks beyond that. Defaults to 1024.
	Backlog int
	// BacklogBytes is how many bytes of input may wait in the pool, one larger input excepted. Defaults to 64 MiB.
	BacklogBytes int64
	// MaxCall is the largest input in bytes. Defaults to 64 MiB.
	MaxCall int
	// MaxResult is the largest result in bytes. Defaults to 64 MiB.
	MaxResult int
}

const (
	maxFramePayload = 1 << 30
	maxBacklog      = 1 << 20
	forever         = time.Duration(math.MaxInt64 / 4) // longer periods are as good, and adding them up does not overflow
)

// withDefaults returns the configuration with every default filled in.
func (c Config) withDefaults() Config {
	setDefault(&c.Workers, runtime.GOMAXPROCS(0))
	setDefault(&c.GracePeriod, 5*time.Second)
	setDefault(&c.StartTimeout, 60*time.Second)
	setDefault(&c.RestartBudget, 64)
	setDefault(&c.Spares, 1)
	setDefault(&c.Backlog, 1024)
	setDefault(&c.BacklogBytes, 64<<20)
	setDefault(&c.MaxCall, 64<<20)
	setDefault(&c.MaxResult, 64<<20)
	for _, d := range []*time.Duration{&c.ItemTimeout, &c.GracePeriod, &c.StartTimeout} {
		*d = min(*d, forever)
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Output != nil {
		c.Output = &sharedWriter{w: c.Output}
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate reports everything that is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if c.Tasks == nil {
		errs = append(errs, errors.New("process pool: Tasks is nil"))
	}
	if err := c.Sandbox.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("process pool: %w", err))
	}
	if c.Spares < -1 || c.Spares > 4096 {
		errs = append(errs, fmt.Errorf("process pool: Spares is %d, not from -1 to 4096", c.Spares))
	}
	for _, f := range []struct {
		name  string
		value int64
		most  int64
	}{
		{"Workers", int64(c.Workers), 4096},
		{"Memory", c.Memory, math.MaxInt64},
		{"ItemTimeout", int64(c.ItemTimeout), math.MaxInt64},
		{"GracePeriod", int64(c.GracePeriod), math.MaxInt64},
		{"StartTimeout", int64(c.StartTimeout), math.MaxInt64},
		{"MaxItemsPerWorker", int64(c.MaxItemsPerWorker), math.MaxInt64},
		{"RestartBudget", int64(c.RestartBudget), math.MaxInt64},
		{"Backlog", int64(c.Backlog), maxBacklog},
		{"BacklogBytes", c.BacklogBytes, math.MaxInt64},
		{"MaxCall", int64(c.MaxCall), maxFramePayload},
		{"MaxResult", int64(c.MaxResult), maxFramePayload},
	} {
		if f.value < 0 || f.value > f.most {
			errs = append(errs, fmt.Errorf("process pool: %s is %d, not from 0 to %d", f.name, f.value, f.most))
		}
	}
	return errors.Join(errs...)
}

// command returns the path and the argument list of a worker.
func (c Config) command() (path string, argv []string, err error) {
	if len(c.Command) > 0 {
		return c.Command[0], c.Command, nil
	}
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, []string{os.Args[0], "worker"}, nil
	}
	path, err = os.Executable()
	return path, []string{os.Args[0], "worker"}, err
}

// killAfter returns how long a call may run before its worker is killed.
func (c Config) killAfter() time.Duration {
	return c.ItemTimeout + min(max(c.ItemTimeout/10, 50*time.Millisecond), 5*time.Second)
}
