package frontier

import (
	"errors"
	"iter"
	"strconv"

	"github.com/cockroachdb/pebble/v2"
)

// Marked implements [Frontier].
func (d *Durable) Marked(segment string, offset int64) (bool, error) {
	if err := d.enter(); err != nil {
		return false, d.wrap("look up mark", err)
	}
	defer d.leave()
	value, err := d.get(markKey(segment, offset))
	return value != nil, d.wrap("look up mark", err)
}

// DoneMarks implements [Frontier].
func (d *Durable) DoneMarks(segment string) iter.Seq2[Mark, error] {
	start, end := spaceStart(markSpace), spaceEnd(markSpace)
	if segment != "" {
		start, end = segmentStart(segment), segmentEnd(segment)
	}
	return func(yield func(Mark, error) bool) {
		if err := d.enter(); err != nil {
			yield(Mark{}, d.wrap("read marks", err))
			return
		}
		defer d.leave()
		err := d.scan(start, end, func(key, value []byte) error {
			m, err := decodeMark(key, value)
			if err == nil && !yield(m, nil) {
				return errStopScan
			}
			return err
		})
		if err != nil {
			yield(Mark{}, d.wrap("read marks", err))
		}
	}
}

func decodeMark(key, value []byte) (Mark, error) {
	segment, offset, err := splitMark(key)
	if err != nil {
		return Mark{}, err
	}
	id, err := parseID(value)
	return Mark{Segment: segment, Offset: offset, id: id}, err
}

// Reconcile implements [Frontier]. It is one durable batch; the links that a dropped outcome brought stay known, and the page's list
// of links stays until it is fetched again, so nothing is counted twice.
func (d *Durable) Reconcile(openSegment string, cut int64, has func(segment string) bool) ([]Mark, error) {
	if err := d.enter(); err != nil {
		return nil, d.wrap("reconcile", err)
	}
	defer d.leave()
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.Counts().InFlight > 0 {
		return nil, d.wrap("reconcile", ErrInFlight)
	}
	a := archive{open: openSegment, cut: cut, has: has}
	lost, err := d.lostMarks(a)
	if err != nil || len(lost) == 0 {
		return nil, d.wrap("reconcile", err)
	}
	taken, err := d.takeBack(lost)
	return taken, d.wrap("reconcile", err)
}

// archive is what the archive still holds.
type archive struct {
	open string // segment being written
	cut  int64  // its length in bytes
	has  func(segment string) bool
}

func (a *archive) holds(segment string, offset int64) bool {
	if segment == a.open {
		return offset < a.cut
	}
	return a.has(segment)
}

// lostMarks finds the marks whose records are gone. Whole segments are skipped by one seek each.
func (d *Durable) lostMarks(a archive) ([]Mark, error) {
	var lost []Mark
	it, err := d.db.NewIter(&pebble.IterOptions{LowerBound: spaceStart(markSpace), UpperBound: spaceEnd(markSpace)})
	if err != nil {
		return nil, err
	}
	for ok := it.First(); ok; {
		m, err := decodeMark(it.Key(), it.Value())
		if err != nil {
			return nil, errors.Join(err, it.Close())
		}
		switch {
		case !a.holds(m.Segment, m.Offset):
			lost = append(lost, m)
			ok = it.Next()
		case m.Segment == a.open:
			ok = it.SeekGE(markKey(a.open, a.cut))
		default:
			ok = it.SeekGE(segmentEnd(m.Segment))
		}
	}
	return lost, errors.Join(it.Error(), it.Close())
}

// takeBack drops what the lost marks stand for and rebuilds the queues.
func (d *Durable) takeBack(lost []Mark) ([]Mark, error) {
	b := d.db.NewBatch()
	taken, err := d.dropMarks(b, lost)
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if err := d.db.Apply(b, pebble.Sync); err != nil {
		d.fail(err)
	}
	if err := d.failure(); err != nil {
		return nil, err
	}
	return taken, errors.Join(b.Close(), d.load(false))
}

// dropMarks returns the marks of this run's outcomes, filled in.
func (d *Durable) dropMarks(b *pebble.Batch, lost []Mark) (taken []Mark, err error) {
	changed := map[uint32]*result{}
	for _, m := range lost {
		if err := b.Delete(markKey(m.Segment, m.Offset), nil); err != nil {
			return nil, err
		}
		res := changed[m.id]
		if res == nil {
			if res, err = d.result(m.id); err != nil {
				return nil, err
			}
			if res == nil {
				continue
			}
			changed[m.id] = res
		}
		ours := res.doneIn(d.epoch.Load())
		was, ok := res.forget(m)
		if !ok || !ours {
			continue
		}
		info, known, err := d.info(m.id)
		if err != nil {
			return nil, err
		}
		if known {
			was.URL, was.Sitemap = info.URL.String(), info.Sitemap
			taken = append(taken, was)
		}
	}
	for id, res := range changed {
		if err := d.putResult(b, id, res); err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// putResult writes what is left of a result.
func (d *Durable) putResult(b *pebble.Batch, id uint32, res *result) error {
	if res.state == Pending && res.prior == nil {
		return b.Delete(idKey(resultSpace, id), nil)
	}
	return b.Set(idKey(resultSpace, id), res.encode(nil), nil)
}

// NewRun implements [Frontier].
func (d *Durable) NewRun() error {
	if err := d.enter(); err != nil {
		return d.wrap("start new run", err)
	}
	defer d.leave()
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.Counts().InFlight > 0 {
		return d.wrap("start new run", ErrInFlight)
	}
	next := d.epoch.Load() + 1
	if err := d.setSync(metaKey(metaEpoch), strconv.AppendUint(nil, next, 10)); err != nil {
		return d.wrap("start new run", err)
	}
	d.epoch.Store(next)
	return d.wrap("start new run", d.load(false))
}
