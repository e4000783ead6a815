package frontier

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2"
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
	if added, err = d.finish(item, &out, d.keysOf(out.Links)); err != nil {
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
	d.writing.Lock()
	defer d.writing.Unlock()
	b := d.db.NewBatch()
	c, err := d.claim(b, item)
	if err != nil {
		return 0, errors.Join(err, b.Close())
	}
	jobs, err := d.fill(b, c, &item, out, links)
	if err != nil {
		d.fail(err)
		return 0, errors.Join(err, b.Close())
	}
	if err := d.commit(b); err != nil {
		return 0, err
	}
	d.cfg.Failpoint("after-batch")
	d.sched.finish(c.id, c.host, out.Page, jobs)
	return len(jobs), nil
}

// claim is an item that is about to be done.
type claim struct {
	id   uint32
	host *host
	was  *result // nil if there was none
}

// claim finds an item that is about to be done, and makes sure that nobody else is given it. writing is held.
func (d *Durable) claim(b *pebble.Batch, item Item) (claim, error) {
	id, ok := item.id-1, item.id != 0
	if ok {
		if f := d.sched.flight(id); f != nil {
			return claim{id, f.host, f.was}, nil
		}
	}
	if !ok {
		var err error
		if id, ok, err = d.idOf(item.URL.Key()); err != nil {
			d.fail(err)
			return claim{}, err
		}
	}
	if !ok { // the archive has it, the frontier lost it
		j, err := d.adopt(b, nil, &keyed{Link: &item.Link, key: item.URL.Key()})
		if err != nil {
			d.fail(err)
		}
		return claim{id: j.id, host: j.host}, err
	}
	return d.claimKnown(b, id, item)
}

// claimKnown claims a URL that has an id and may be in flight.
func (d *Durable) claimKnown(b *pebble.Batch, id uint32, item Item) (claim, error) {
	_, host, err := d.originOf(b, item.URL)
	if err != nil {
		return claim{}, err
	}
	c := claim{id: id, host: host}
	if f := d.sched.flight(id); f != nil {
		c.was = f.was
		return c, nil
	}
	if c.was, err = d.result(id); err != nil {
		d.fail(err)
		return claim{}, err
	}
	if c.was.doneIn(d.epoch.Load()) {
		return claim{}, ErrNotPending
	}
	rec, err := d.record(id)
	if err == nil && rec == nil {
		err = errDamaged
	}
	if err != nil {
		d.fail(err)
		return claim{}, err
	}
	d.sched.withdraw(id, host, rec.requisite)
	return c, nil
}

// fill puts all that an outcome changes into one batch.
func (d *Durable) fill(b *pebble.Batch, c claim, item *Item, out *Outcome, links []keyed) ([]placed, error) {
	if err := d.settle(b, c, out); err != nil {
		return nil, err
	}
	if out.Counters != nil {
		if err := b.Set(metaKey(metaCounters), out.Counters, nil); err != nil {
			return nil, err
		}
	}
	if err := settleItems(b, c.id, out.Items); err != nil {
		return nil, err
	}
	if out.Links == nil {
		return nil, nil
	}
	jobs, ids, err := d.admit(b, &page{item.URL.String(), c.id}, links, true)
	if err != nil {
		return nil, err
	}
	d.valueBuf = encodeLinks(d.valueBuf[:0], ids)
	return jobs, b.Set(idKey(linkSpace, c.id), d.valueBuf, nil)
}

// settle writes the result, and the mark that finds it by its place in the archive. Marks of earlier runs stay: later pages may refer
// to those payloads.
func (d *Durable) settle(b *pebble.Batch, c claim, out *Outcome) error {
	d.valueBuf = c.was.settled(d.epoch.Load(), out).encode(d.valueBuf[:0])
	if err := b.Set(idKey(resultSpace, c.id), d.valueBuf, nil); err != nil {
		return err
	}
	if out.Segment == "" {
		return nil
	}
	return b.Set(markKey(out.Segment, out.Offset), idValue(c.id), nil)
}

// Retry implements [Frontier].
func (d *Durable) Retry(item Item, notBefore time.Time) error {
	return d.giveBack("retry", item, notBefore, true)
}

// Release implements [Frontier].
func (d *Durable) Release(item Item) { d.sched.release(item.id - 1) }

// PutBack implements [Frontier].
func (d *Durable) PutBack(item Item) error {
	return d.giveBack("put back", item, time.Time{}, false)
}

func (d *Durable) giveBack(what string, item Item, notBefore time.Time, tried bool) error {
	if err := d.enter(); err != nil {
		return d.wrap(what, err)
	}
	defer d.leave()
	if err := d.sched.retry(item.id-1, notBefore, tried); err != nil {
		return fmt.Errorf("%s %q: %w", what, item.URL, err)
	}
	return nil
}
