package frontier

import (
	"errors"
	"iter"
	"strconv"

	"github.com/cockroachdb/pebble/v2"

	"tandem/crawler/weburl"
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
	if err != nil || len(value) != len(weburl.Key{}) {
		return Mark{}, errDamaged
	}
	return Mark{Segment: segment, Offset: offset, Key: weburl.Key(value)}, nil
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
	taken, err := d.takeBack(a, lost)
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

// takeBack drops what the lost marks stand for and rebuilds what is in memory.
func (d *Durable) takeBack(a archive, lost []Mark) ([]Mark, error) {
	b := d.db.NewBatch()
	taken, err := d.dropMarks(b, lost)
	if err == nil {
		err = d.dropDigests(b, a)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	if err := d.db.Apply(b, pebble.Sync); err != nil {
		d.fail(err)
	}
	if err := d.failure(); err != nil {
		return nil, err
	}
	return taken, errors.Join(b.Close(), d.load())
}

// dropMarks returns the marks of this run's outcomes, filled in.
func (d *Durable) dropMarks(b *pebble.Batch, lost []Mark) (taken []Mark, err error) {
	changed := map[weburl.Key]*record{}
	for _, m := range lost {
		if err := b.Delete(markKey(m.Segment, m.Offset), nil); err != nil {
			return nil, err
		}
		rec := changed[m.Key]
		if rec == nil {
			if rec, err = d.record(m.Key); err != nil {
				return nil, err
			}
			if rec == nil {
				continue
			}
			changed[m.Key] = rec
		}
		ours := rec.doneIn(d.epoch.Load())
		if was, ok := rec.forget(m); ok && ours {
			taken = append(taken, was)
		}
	}
	for k, rec := range changed {
		if err := d.put(b, k, rec); err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// forget takes the place that m names out of the record. If that was its outcome, it returns m filled in.
func (r *record) forget(m Mark) (Mark, bool) {
	if p := r.prior; p != nil && p.Segment == m.Segment && p.Offset == m.Offset {
		r.prior = nil
	}
	if r.state == Pending || r.at.segment != m.Segment || r.at.offset != m.Offset {
		return m, false
	}
	m.URL, m.State, m.Status, m.Length, m.Page, m.Sitemap = r.url, r.state, r.status, r.at.length, r.page, r.sitemap
	r.state, r.status, r.reason, r.page, r.revisit, r.at = Pending, 0, "", false, false, place{}
	return m, true
}

// dropDigests forgets payloads that are gone, so that no later page is stored as a reference to one.
func (d *Durable) dropDigests(b *pebble.Batch, a archive) error {
	return d.scan(spaceStart(digestSpace), spaceEnd(digestSpace), func(key, value []byte) error {
		p, err := decodeDigest(value)
		if err != nil || a.holds(p.Segment, p.Offset) {
			return err
		}
		return b.Delete(key, nil)
	})
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
	return d.wrap("start new run", d.load())
}
