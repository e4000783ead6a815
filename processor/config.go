package processor

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tandem/internal/units"
	"tandem/pipeline"
	"tandem/pipeline/procpool"
	"tandem/store/fsx"
)

// Config says what to process and with what. Its first part is the `process`
// section of a job file, key by key the flags of `process run`; its second
// part, Wiring, is set by the program.
type Config struct {
	// Tasks are what is computed: text, images. Defaults to both.
	Tasks []string `yaml:"tasks" check:"oneof=text|images" doc:"what is computed: text, images"`
	// Workers is how many items are computed at once. Defaults to 0, as many as
	// there are cores.
	Workers int `yaml:"workers" check:"min=0,max=4096" doc:"items computed at once; 0 is one per core"`
	// Executor is what computes: processes, goroutines or serial. Rows are the
	// same; only processes contain an item that crashes, eats all memory or
	// never ends. Defaults to processes.
	Executor string `yaml:"executor" check:"oneof=processes|goroutines|serial" doc:"what computes: processes, goroutines or serial"`
	// ItemTimeout bounds one item. Enforced by processes. Defaults to 30 s; 0 is
	// no limit.
	ItemTimeout units.Duration `yaml:"item-timeout" doc:"an item that takes longer is quarantined; 0 is no limit"`
	// WorkerMemory bounds the data of one worker process; half of it may be
	// asked for by the decoding of one image, whatever the executor. Defaults
	// to 512 MiB; 0 is no limit.
	WorkerMemory units.Size `yaml:"worker-memory" doc:"memory of one worker process; 0 is no limit"`
	// Sandbox is off, auto or require: worker processes give up sockets, running
	// programs, tracing and changing files before their first item; auto gives
	// up what the system allows. Defaults to auto.
	Sandbox string `yaml:"sandbox" check:"oneof=off|auto|require" doc:"shut worker processes in: off, auto (as far as the system can) or require"`
	// MaxPixels is the largest image that is decoded. Defaults to 40,000,000.
	MaxPixels int64 `yaml:"max-pixels" check:"min=1,max=10000000000" doc:"images with more pixels are quarantined as too_large"`
	// ThumbnailSizes are the longest sides of the thumbnails made of each image.
	// The column thumbnail names the first. Defaults to 256.
	ThumbnailSizes []int `yaml:"thumbnail-sizes" check:"min=8,max=4096" doc:"longest sides of the thumbnails, in pixels"`
	// Format is how the dataset is written: parquet, jsonl. Defaults to parquet.
	Format []string `yaml:"format" check:"oneof=parquet|jsonl" doc:"how the dataset is written: parquet, jsonl"`
	// Follow processes segments as a running crawl seals them.
	Follow bool `yaml:"follow" doc:"process segments as a running crawl seals them, until it ends"`
	// RetryQuarantined computes again what was quarantined before.
	RetryQuarantined bool `yaml:"retry-quarantined" doc:"compute again what was quarantined before"`
	// Compare computes a sample of so many items twice more after the run, with
	// one worker and with all, and reports both. Defaults to 0, off.
	Compare int `yaml:"compare" check:"min=0,max=100000" doc:"afterwards compute so many items again with one worker and with all, and report both; 0 is off"`

	Wiring `yaml:"-"`
}

// Wiring is what a program gives a Processor beside the job.
type Wiring struct {
	// Inputs are run directories, WARC files, folders and files. Required.
	Inputs []string
	// Dir is the output directory (OUT); the dataset goes to OUT/dataset.
	// Defaults to the input if that is one run directory.
	Dir string
	// JobYAML is the effective job, written to OUT/dataset/job.yaml.
	JobYAML []byte
	// Drain ends the run gracefully when set. Nil means never.
	Drain *pipeline.Event
	// DrainGrace is how long items in hand may take to end after Drain is set.
	// Defaults to 3 s.
	DrainGrace time.Duration
	// FollowPoll is how often Follow looks for sealed segments, and FollowStart
	// how long it waits for a crawl to begin. They default to 0.5 s and 10 s.
	FollowPoll, FollowStart time.Duration
	// PartResults is how many results a part holds. Defaults to 8192.
	PartResults int
	// WorkerCommand is the argument list of a worker process; see
	// procpool.Config. Defaults to this program with the argument "worker".
	WorkerCommand []string
	// Logger takes the run's log. Nil discards it.
	Logger *slog.Logger
	// FS is the file system written through. Nil is the real one.
	FS fsx.FS
	// Now is the clock. Nil is time.Now.
	Now func() time.Time
}

// Names of executors, tasks and formats.
const (
	Processes  = "processes"
	Goroutines = "goroutines"
	Serial     = "serial"

	Parquet = "parquet"
	JSONL   = "jsonl"
)

// Default returns the configuration whose values the documentation names.
func Default() Config {
	return Config{
		Tasks:          []string{TextTask, ImagesTask},
		Executor:       Processes,
		ItemTimeout:    units.Duration(30 * time.Second),
		WorkerMemory:   512 * units.MiB,
		Sandbox:        string(procpool.SandboxAuto),
		MaxPixels:      40_000_000,
		ThumbnailSizes: []int{256},
		Format:         []string{Parquet},
	}
}

// minWorkerMemory is what a worker needs to start and to do anything.
const minWorkerMemory = 256 * units.MiB

// Validate reports everything that is wrong with the configuration, joined.
func (c *Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(c.Inputs) == 0 {
		bad("no input: name a run directory, a WARC file, a folder or a file")
	}
	if len(c.Tasks) == 0 {
		bad("tasks: want text, images or both")
	}
	for _, t := range c.Tasks {
		if t != TextTask && t != ImagesTask {
			bad("task %q: want text or images", t)
		}
	}
	if !slices.Contains([]string{Processes, Goroutines, Serial}, c.Executor) {
		bad("executor %q: want processes, goroutines or serial", c.Executor)
	}
	if len(c.Format) == 0 {
		bad("format: want parquet, jsonl or both")
	}
	for _, f := range c.Format {
		if f != Parquet && f != JSONL {
			bad("format %q: want parquet or jsonl", f)
		}
	}
	if c.Workers < 0 {
		bad("workers %d: want 0 (one per core) or more", c.Workers)
	}
	if c.MaxPixels < 1 {
		bad("max-pixels %d: want at least 1", c.MaxPixels)
	}
	if c.WorkerMemory > 0 && c.WorkerMemory < minWorkerMemory {
		bad("worker-memory %v: want at least %v, or 0 for no limit", c.WorkerMemory, minWorkerMemory)
	}
	switch err := procpool.Sandbox(c.Sandbox).Validate(); {
	case err != nil:
		errs = append(errs, err)
	case c.Sandbox == string(procpool.SandboxRequire) && c.Executor != Processes:
		bad("sandbox require: executor %s cannot be shut in, processes can", c.Executor)
	}
	if c.Compare < 0 {
		bad("compare %d: want 0 (off) or a number of items", c.Compare)
	}
	if len(errs) > 0 { // what follows is worked out of the values above
		return errors.Join(errs...)
	}
	return c.imageOptions().imaging().Validate()
}

// withDefaults fills in what the wiring left out.
func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.FS == nil {
		c.FS = fsx.OS()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Drain == nil {
		c.Drain = new(pipeline.Event)
	}
	setDefault(&c.DrainGrace, 3*time.Second)
	setDefault(&c.FollowPoll, 500*time.Millisecond)
	setDefault(&c.FollowStart, 10*time.Second)
	setDefault(&c.PartResults, 8192)
	c.Tasks = slices.Compact(slices.Sorted(slices.Values(c.Tasks)))
	c.Format = slices.Compact(slices.Sorted(slices.Values(c.Format)))
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
