package processor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"tandem/store/fsx"
)

// Names in OUT/dataset.
const (
	documentsDir   = "documents"
	imagesDir      = "images"
	partsDir       = "parts"
	quarantineFile = "quarantine.jsonl"
	summaryFile    = "process.json"
	jobFile        = "job.yaml"
	lockFile       = "lock"
)

// Processor turns inputs into a dataset. Make it with New; Run works once.
type Processor struct {
	cfg     Config
	dir     string // OUT
	inputs  inputs
	options map[string]json.RawMessage // of each task, canonical
	tally   *tally
	sample  *sample
	started time.Time
	dataset string
	earlier Summary // of the run before, for its stamps

	parts  *parts
	thumbs *thumbs

	mu     sync.Mutex
	engine *engine // guarded by mu until computing ends; nil until there is work

	runs       []RunRows
	quarantine []Quarantined
}

// New checks the configuration and the inputs. An input that is missing is
// ErrInput, and ErrNoOut says that Dir must be set.
func New(cfg Config) (*Processor, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	in, err := sortInputs(cfg.Inputs, cfg.Follow)
	if err != nil {
		return nil, err
	}
	dir := cfg.Dir
	if dir == "" {
		if len(cfg.Inputs) != 1 || len(in.archives) != 1 {
			return nil, fmt.Errorf("%w: only a single run directory keeps its own dataset", ErrNoOut)
		}
		dir = in.archives[0]
	}
	options, err := cfg.options()
	if err != nil {
		return nil, err
	}
	return &Processor{
		cfg: cfg, dir: dir, inputs: in, options: options, tally: newTally(), sample: newSample(cfg.Compare),
		dataset: filepath.Join(dir, datasetDir),
	}, nil
}

// Dataset is the folder that the results go to.
func (p *Processor) Dataset() string { return p.dataset }

// Run processes the inputs and returns when nothing of it is running any more.
// Its summary is that of process.json; it is nil only when the run did not get
// as far as holding the dataset. After Drain was set the state is Interrupted
// and the error nil: what was computed is kept, and the dataset's files are
// those of the run before.
func (p *Processor) Run(ctx context.Context) (*Summary, error) {
	release, err := p.open()
	if err != nil {
		return nil, err
	}
	err = p.work(ctx)
	state := Complete
	if stopping(err) || ctx.Err() != nil {
		state, err = Interrupted, nil
	}
	err = errors.Join(err, p.seal())
	stats := p.finalStats(ctx)
	if state == Complete && err == nil {
		err = p.nothing()
	}
	cpu, _ := usage()
	var compared *Comparison
	if state == Complete && (err == nil || errors.Is(err, ErrCrawlDied)) && p.cfg.Compare > 0 {
		var cerr error
		compared, cerr = p.compare(ctx)
		err = errors.Join(err, cerr)
	}
	if err != nil && !errors.Is(err, ErrCrawlDied) {
		state = Failed
	}
	sum := p.summary(state, stats, cpu)
	sum.Compare = compared
	if err != nil {
		sum.Error = err.Error()
	}
	err = errors.Join(err, p.writeSummary(sum), p.parts.close(), release())
	return sum, err
}

// open takes the dataset's lock and reads the parts.
func (p *Processor) open() (release func() error, err error) {
	fs := p.cfg.FS
	p.started = p.cfg.Now().UTC()
	if err := fs.MkdirAll(p.dataset); err != nil {
		return nil, fmt.Errorf("make dataset folder: %w", err)
	}
	release, holder, err := fsx.Lock(filepath.Join(p.dataset, lockFile))
	if errors.Is(err, fsx.ErrLocked) {
		return nil, fmt.Errorf("%w: %s holds %q", ErrLocked, holder, filepath.Join(p.dataset, lockFile))
	}
	if err != nil {
		return nil, fmt.Errorf("lock dataset: %w", err)
	}
	if err = p.prepare(); err != nil {
		return nil, errors.Join(err, release())
	}
	return release, nil
}

func (p *Processor) prepare() error {
	fs := p.cfg.FS
	if len(p.cfg.JobYAML) > 0 {
		if err := fsx.WriteFile(fs, filepath.Join(p.dataset, jobFile), p.cfg.JobYAML); err != nil {
			return fmt.Errorf("write job: %w", err)
		}
	}
	p.earlier = readSummary(filepath.Join(p.dataset, summaryFile))
	p.thumbs = newThumbs(fs, p.dataset, p.cfg.ThumbnailSizes)
	var err error
	if p.parts, err = openParts(&p.cfg, filepath.Join(p.dataset, partsDir)); err != nil {
		return err
	}
	p.parts.onSeal = p.thumbs.sync
	return nil
}

// work processes every input, batch by batch, and builds the dataset.
func (p *Processor) work(ctx context.Context) error {
	var died error
	for _, dir := range p.inputs.archives {
		err := p.archive(ctx, dir)
		if err != nil && !errors.Is(err, ErrCrawlDied) {
			return err
		}
		died = errors.Join(died, err)
	}
	if len(p.inputs.others) > 0 {
		if err := p.foreign(ctx); err != nil {
			return err
		}
	}
	if err := p.writeQuarantine(); err != nil {
		return err
	}
	return died
}

// foreign processes the inputs that have no run: together they form one, named
// by the start.
func (p *Processor) foreign(ctx context.Context) error {
	l, err := p.newLister(history{})
	if err != nil {
		return err
	}
	l.payloads = make(map[Digest]payload)
	p.tally.enter("computing")
	err = p.compute(ctx, l, func(ctx context.Context) error {
		for _, path := range p.inputs.others {
			if err := l.other(ctx, path); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.build(l, "", true)
}

// runFormat is how a run is named by its start, in UTC.
const runFormat = "20060102T150405Z"

// wants reports whether a task was asked for.
func (p *Processor) wants(task string) bool { return slices.Contains(p.cfg.Tasks, task) }

// start returns the executor, and starts it at the first call.
func (p *Processor) start(ctx context.Context) (*engine, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.engine != nil {
		return p.engine, nil
	}
	e, err := newEngine(ctx, &p.cfg, p.cfg.workers())
	p.engine = e
	return e, err
}

// hasStarted reports whether there was work.
func (p *Processor) hasStarted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.engine != nil
}

// nothing is the error of a run that found nothing to do, in no input.
func (p *Processor) nothing() error {
	for _, r := range p.runs {
		if r.Documents+r.Images+r.Gone+r.Quarantined > 0 {
			return nil
		}
	}
	return fmt.Errorf("%w: no documents or images, and no archive with sealed segments, in %q", ErrNothing, p.cfg.Inputs)
}

// seal makes what was computed durable.
func (p *Processor) seal() error {
	if err := p.parts.seal(); err != nil {
		return err
	}
	return nil
}

// Progress tells how far the run is. Safe for concurrent use with Run.
func (p *Processor) Progress() Progress {
	p.mu.Lock()
	e := p.engine
	p.mu.Unlock()
	s := e.stats()
	p.tally.mu.Lock()
	defer p.tally.mu.Unlock()
	out := Progress{Done: p.tally.done, Known: p.tally.known, Quarantined: p.tally.bad, Restarts: s.Restarts, Phase: p.tally.phase}
	for _, w := range s.PerWorker {
		out.PerWorker = append(out.PerWorker, w.Done)
	}
	return out
}
