package frontier

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"tandem/crawler/weburl"
)

// Done implements [Frontier].
func (d *Durable) Done(item Item, out Outcome) (added int, err error) {
	if err := out.check(); err != nil {
		return 0, fmt.Errorf("record outcome of %q: %w", item.URL, err)
	}
	if err := d.enter(); err != nil {
		return 0, d.wrap("record outcome", err)
	}
	defer d.leave()
	if added, err = d.finish(item, &out, keysOf(out.Links)); err != nil {
		return 0, d.wrap(fmt.Sprintf("record outcome of %q", item.URL), err)
	}
	return added, nil
}

func (o *Outcome) check() error {
	switch {
	case o.State == Pending || o.State > Skipped:
		return fmt.Errorf("state %v is no outcome", o.State)
	case strings.IndexByte(o.Segment, 0) >= 0:
		return fmt.Errorf("segment %q is no file name", o.Segment)
	case o.Offset < 0 || o.Length < 0:
		return fmt.Errorf("record at %d of %d bytes", o.Offset, o.Length)
	}
	return nil
}

func (d *Durable) finish(item Item, out *Outcome, links []keyed) (int, error) {
	key := item.URL.Key()
	d.writing.Lock()
	defer d.writing.Unlock()
	rec, err := d.claim(key, &item.Link)
	if err != nil {
		return 0, err
	}
	b := d.db.NewBatch()
	jobs, err := d.fill(b, key, rec, out, links)
	if err != nil {
		d.fail(err)
		return 0, errors.Join(err, b.Close())
	}
	if err := d.commit(b); err != nil {
		return 0, err
	}
	d.cfg.Failpoint("after-batch")
	d.sched.finish(key, jobs)
	return len(jobs), nil
}

// claim finds the record of an item that is about to be done, and makes sure that nobody else is given it. writing is held.
func (d *Durable) claim(key weburl.Key, l *Link) (*record, error) {
	rec, inFlight := d.sched.flight(key)
	if rec != nil {
		return rec, nil
	}
	rec, err := d.record(key)
	switch {
	case err != nil:
		d.fail(err)
		return nil, err
	case rec == nil: // the archive has it, the frontier lost it
		id, err := d.newID(key)
		if err != nil {
			return nil, err
		}
		return recordOf(l, id), nil
	case rec.doneIn(d.epoch.Load()):
		return nil, ErrNotPending
	}
	if !inFlight {
		d.sched.withdraw(key)
	}
	return rec, nil
}

// fill puts all that an outcome changes into one batch.
func (d *Durable) fill(b *pebble.Batch, key weburl.Key, rec *record, out *Outcome, links []keyed) ([]placed, error) {
	if err := d.settleRecord(b, key, rec, out); err != nil {
		return nil, err
	}
	if err := d.noteDigest(b, rec); err != nil {
		return nil, err
	}
	if out.Counters != nil {
		if err := b.Set(metaKey(metaCounters), out.Counters, nil); err != nil {
			return nil, err
		}
	}
	if err := settleItems(b, key, out.Items); err != nil {
		return nil, err
	}
	if out.Links == nil {
		return nil, nil
	}
	jobs, ids, err := d.admit(b, links, true)
	if err != nil {
		return nil, err
	}
	return jobs, b.Set(urlKey(linkSpace, key), encodeLinks(nil, ids), nil)
}

// settleRecord writes the record with its outcome, and the mark that finds it by its place in the archive. Marks of earlier runs stay:
// later pages may refer to those payloads.
func (d *Durable) settleRecord(b *pebble.Batch, key weburl.Key, rec *record, out *Outcome) error {
	epoch := d.epoch.Load()
	rec.prior, rec.epoch = rec.priorIn(epoch), epoch
	rec.state, rec.status, rec.reason, rec.page = out.State, bounded(out.Status), out.Reason, out.Page
	rec.revisit = out.Revisit && rec.prior != nil
	rec.at = place{
		segment: out.Segment, offset: out.Offset, length: out.Length, recordID: out.RecordID,
		digest: out.Digest, etag: out.ETag, modified: out.LastModified, date: out.Date.Round(0).UTC(),
	}
	if err := d.put(b, key, rec); err != nil {
		return err
	}
	if out.Segment == "" {
		return nil
	}
	return b.Set(markKey(out.Segment, out.Offset), key[:], nil)
}

// noteDigest remembers the first record of a payload.
func (d *Durable) noteDigest(b *pebble.Batch, rec *record) error {
	if rec.state != Stored || rec.revisit || rec.at.digest == "" || rec.at.segment == "" {
		return nil
	}
	k := digestKey(rec.at.digest)
	if have, err := d.get(k); err != nil || have != nil {
		return err
	}
	return b.Set(k, rec.at.encode(appendText(nil, rec.url)), nil)
}

// Retry implements [Frontier].
func (d *Durable) Retry(item Item, notBefore time.Time) error {
	return d.giveBack("retry", item, notBefore, true)
}

// Release implements [Frontier].
func (d *Durable) Release(item Item) { d.sched.release(item.URL.Key()) }

// PutBack implements [Frontier].
func (d *Durable) PutBack(item Item) error {
	return d.giveBack("put back", item, time.Time{}, false)
}

func (d *Durable) giveBack(what string, item Item, notBefore time.Time, tried bool) error {
	if err := d.enter(); err != nil {
		return d.wrap(what, err)
	}
	defer d.leave()
	if err := d.sched.retry(item.URL.Key(), notBefore, tried); err != nil {
		return fmt.Errorf("%s %q: %w", what, item.URL, err)
	}
	return nil
}
