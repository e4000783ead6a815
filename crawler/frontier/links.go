package frontier

import (
	"encoding/binary"
	"iter"
	"math"
	"slices"
)

// A page's links are one value: the ids of the URLs it links to, ascending, each once, as varints of the differences. Counting in-links
// from these lists at the end costs a few bytes and no counter a link while crawling, and it is exact by construction: a page that is
// fetched again, after a crash or in a later run, replaces its list.

// encodeLinks sorts ids in place.
func encodeLinks(b []byte, ids []uint32) []byte {
	slices.Sort(ids)
	last := int64(-1)
	for _, id := range ids {
		if int64(id) == last {
			continue
		}
		b = binary.AppendUvarint(b, uint64(int64(id)-last))
		last = int64(id)
	}
	return b
}

// eachLink calls use with every id of a list.
func eachLink(b []byte, use func(id uint32)) error {
	last := int64(-1)
	d := reader{b: b}
	for len(d.b) > 0 {
		last += int64(d.uvarint(math.MaxUint32 + 1))
		if d.bad || last < 0 || last > math.MaxUint32 {
			return errDamaged
		}
		use(uint32(last))
	}
	if d.bad {
		return errDamaged
	}
	return nil
}

// Inlinks implements [Frontier]. It counts over all lists first, with four bytes of memory a known URL.
func (d *Durable) Inlinks() iter.Seq2[Inlink, error] {
	return func(yield func(Inlink, error) bool) {
		if err := d.enter(); err != nil {
			yield(Inlink{}, err)
			return
		}
		defer d.leave()
		counts, err := d.countInlinks()
		if err != nil {
			yield(Inlink{}, d.wrap("count in-links", err))
			return
		}
		err = d.eachURL(func(id uint32, rec, res []byte) error {
			in, err := d.inlink(rec, res)
			if err != nil {
				return err
			}
			if int64(id) < int64(len(counts)) {
				in.Inlinks = int64(counts[id])
			}
			if !yield(in, nil) {
				return errStopScan
			}
			return nil
		})
		if err != nil {
			yield(Inlink{}, d.wrap("read known urls", err))
		}
	}
}

// inlink is all of an Inlink but the count.
func (d *Durable) inlink(rec, res []byte) (Inlink, error) {
	r, path, err := decodeHead(rec)
	if err != nil {
		return Inlink{}, err
	}
	origin, ok := d.origins.text(r.origin)
	if !ok {
		return Inlink{}, errDamaged
	}
	in := Inlink{URL: origin + string(path), Requisite: r.requisite}
	if res == nil {
		return in, nil
	}
	end, err := decodeResultHead(res)
	if err == nil && end.doneIn(d.epoch.Load()) {
		in.State, in.Status = end.state, end.status
		if in.State == Failed || in.State == Skipped {
			in.Reason = end.reason
		}
	}
	return in, err
}

func (d *Durable) countInlinks() ([]uint32, error) {
	d.writing.Lock()
	counts := make([]uint32, d.nextID)
	d.writing.Unlock()
	err := d.scan(spaceStart(linkSpace), spaceEnd(linkSpace), func(_, value []byte) error {
		return eachLink(value, func(id uint32) {
			if int64(id) < int64(len(counts)) {
				counts[id]++
			}
		})
	})
	return counts, err
}
