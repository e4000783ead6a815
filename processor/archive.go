package processor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"tandem/store"
	"tandem/store/fsx"
)

// archive processes a run directory: run after run, in the order in which they
// were crawled, so that each can be told from the one before.
func (p *Processor) archive(ctx context.Context, dir string) error {
	var died error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next, stop := iter.Pull2(p.segments(ctx, dir, &died))
	defer stop()
	seg, err, ok := next()
	past := history{}
	for ok {
		if err != nil {
			return err
		}
		l, lerr := p.newLister(past)
		if lerr != nil {
			return lerr
		}
		run := seg.Run
		p.tally.enter("computing")
		lerr = p.compute(ctx, l, func(ctx context.Context) error {
			defer context.AfterFunc(ctx, cancel)() // a failed worker ends the wait for segments
			for ok && err == nil && seg.Run == run {
				if err := l.segment(ctx, filepath.Join(dir, archiveDir), seg.Segment); err != nil {
					return err
				}
				seg, err, ok = next()
			}
			return err
		})
		if lerr != nil {
			return lerr
		}
		if err := p.build(l, run, !ok); err != nil {
			return err
		}
	}
	return died
}

// segments yields the sealed segments in the order of sealing: those that are
// there or, when following a crawl, those that appear until it ends.
func (p *Processor) segments(ctx context.Context, dir string, died *error) iter.Seq2[store.Segment, error] {
	return func(yield func(store.Segment, error) bool) {
		seen := 0
		for deadline := p.cfg.Now().Add(p.cfg.FollowStart); ; {
			over, err := p.crawlOver(dir, deadline)
			if err != nil {
				yield(store.Segment{}, err)
				return
			}
			list, err := store.ReadManifest(p.cfg.FS, filepath.Join(dir, archiveDir))
			if err != nil && !errors.Is(err, store.ErrTornLine) && !errors.Is(err, fs.ErrNotExist) {
				yield(store.Segment{}, fmt.Errorf("read manifest: %w", err))
				return
			}
			for ; seen < len(list); seen++ {
				if !yield(list[seen], nil) {
					return
				}
			}
			if over {
				*died = p.crawlState(dir)
				return
			}
			if err := p.pause(ctx); err != nil {
				yield(store.Segment{}, err)
				return
			}
		}
	}
}

// crawlOver reports whether no more segments can come. It is asked before the
// manifest is read, so that the last ones are not missed.
func (p *Processor) crawlOver(dir string, deadline time.Time) (bool, error) {
	if !p.cfg.Follow {
		return true, nil
	}
	held, _, err := fsx.Locked(filepath.Join(dir, crawlLock))
	if err != nil {
		return false, err
	}
	if held {
		return false, nil
	}
	if _, err := os.Stat(filepath.Join(dir, crawlFile)); err == nil {
		return true, nil
	}
	return p.cfg.Now().After(deadline), nil // none has begun yet
}

// crawlState tells whether the crawl that was followed ended as it should.
func (p *Processor) crawlState(dir string) error {
	if !p.cfg.Follow {
		return nil
	}
	b, err := os.ReadFile(filepath.Join(dir, crawlFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var crawl struct{ State string }
	if err != nil || json.Unmarshal(b, &crawl) != nil || crawl.State != "running" {
		return nil
	}
	return fmt.Errorf("%w: nobody holds %q, and %s says that it is running", ErrCrawlDied, filepath.Join(dir, crawlLock), crawlFile)
}

// pause waits until it is time to look for segments again.
func (p *Processor) pause(ctx context.Context) error {
	t := time.NewTimer(p.cfg.FollowPoll)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-p.cfg.Drain.Done():
		return errDrained
	case <-ctx.Done():
		return ctx.Err()
	}
}
