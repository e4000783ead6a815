package processor

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"tandem/pipeline"
)

// compare computes the sample twice more, with all workers and with one, and
// throws the results away. Starting workers is not measured. It returns nil
// when the executor has one worker anyway or there is nothing to compute.
func (p *Processor) compare(ctx context.Context) (*Comparison, error) {
	jobs := p.sample.list()
	if len(jobs) == 0 || p.cfg.workers() < 2 {
		return nil, nil
	}
	p.tally.enter("comparing")
	all, allSum, err := p.measure(ctx, jobs, p.cfg.workers())
	if err != nil || p.cfg.Drain.IsSet() {
		return nil, err
	}
	one, oneSum, err := p.measure(ctx, jobs, 1)
	if err != nil || p.cfg.Drain.IsSet() {
		return nil, err
	}
	c := &Comparison{Items: len(jobs), One: one, All: all, Equal: allSum == oneSum}
	if all.DurationS > 0 {
		c.Speedup = round(one.DurationS / all.DurationS)
	}
	return c, nil
}

// warmUp is how many items a worker computes before it is measured: the first
// ones fill tables and caches.
const warmUp = 8

// measure computes the jobs with so many workers.
func (p *Processor) measure(ctx context.Context, jobs []job, workers int) (Measured, [sha256.Size]byte, error) {
	e, err := newEngine(ctx, &p.cfg, workers)
	if err != nil {
		return Measured{}, [sha256.Size]byte{}, err
	}
	p.pass(ctx, e, jobs[:min(len(jobs), warmUp*workers)])
	own, _ := usage()
	theirs := e.stats().CPU
	begin := time.Now()
	sum := p.pass(ctx, e, jobs)
	took := time.Since(begin)
	cpu, _ := usage()
	m := Measured{Workers: workers, DurationS: seconds(took), CPUS: seconds(cpu - own + e.stats().CPU - theirs)}
	m.ItemsPerS = round(float64(len(jobs)) / took.Seconds())
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := e.Close(closing); err != nil {
		return m, sum, fmt.Errorf("compare: %w", err)
	}
	return m, sum, ctx.Err()
}

// pass computes the jobs and returns a digest of all results, whatever their
// order was.
func (p *Processor) pass(ctx context.Context, e *engine, jobs []job) [sha256.Size]byte {
	var sums []string
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, name := range []string{TextTask, ImagesTask} {
		mine := slices.DeleteFunc(slices.Clone(jobs), func(j job) bool { return j.Task != name })
		for c := range pipeline.AsCompleted(ctx, e, newTask(name), slices.Values(mine)) {
			if p.cfg.Drain.IsSet() {
				cancel(errDrained)
			}
			s := sha256.Sum256(append(c.In.Key[:], resultBytes(c.Out, c.Err)...))
			sums = append(sums, string(s[:]))
		}
	}
	slices.Sort(sums)
	h := sha256.New()
	for _, s := range sums {
		h.Write([]byte(s))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func resultBytes(o outcome, err error) []byte {
	if err != nil {
		return []byte("error") // its text may name a process
	}
	b, eerr := appendOutcome(nil, o)
	if eerr != nil {
		return []byte(eerr.Error())
	}
	return b
}
