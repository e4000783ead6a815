package frontier

import (
	"encoding/binary"
	"math"
	"time"
)

// reader takes a record apart. After the first thing that does not fit, bad is set and all it returns is zero. It never allocates
// more than the bytes at hand call for.
type reader struct {
	b   []byte
	bad bool
}

func (d *reader) fail() { d.bad, d.b = true, nil }

func (d *reader) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	c := d.b[0]
	d.b = d.b[1:]
	return c
}

// uvarint reads a number no larger than limit.
func (d *reader) uvarint(limit uint64) uint64 {
	n, size := binary.Uvarint(d.b)
	if size <= 0 || n > limit {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *reader) varint() int64 {
	n, size := binary.Varint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

// bytes reads a length and as many bytes, in place.
func (d *reader) bytes() []byte {
	n := d.uvarint(math.MaxInt32)
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}

func (d *reader) text() string { return string(d.bytes()) }

func (d *reader) header(r *record) (flags byte) {
	if d.byte() != recordVersion {
		d.fail()
	}
	flags = d.byte()
	r.state = State(d.byte())
	if r.state > Skipped || (r.state != Pending) != (flags&flagOutcome != 0) {
		d.fail()
	}
	r.requisite, r.seed, r.page = flags&flagRequisite != 0, flags&flagSeed != 0, flags&flagPage != 0
	r.revisit = flags&flagRevisit != 0
	r.sitemap = Sitemap(flags >> sitemapShift)
	r.id = uint32(d.uvarint(math.MaxUint32))
	r.epoch = d.uvarint(math.MaxUint64)
	r.depth = int(d.uvarint(math.MaxInt32))
	r.redirects = int(d.uvarint(math.MaxInt32))
	r.status = int(d.uvarint(math.MaxInt32))
	return flags
}

func (d *reader) columns() map[string]string {
	n := d.uvarint(math.MaxInt32)
	if n == 0 {
		return nil
	}
	m := make(map[string]string)
	for range n {
		name, value := d.text(), d.text()
		if d.bad {
			return nil
		}
		m[name] = value
	}
	return m
}

func (d *reader) place() place {
	p := place{segment: d.text()}
	p.offset, p.length = int64(d.uvarint(math.MaxInt64)), int64(d.uvarint(math.MaxInt64))
	p.recordID, p.digest, p.etag, p.modified = d.text(), d.text(), d.text(), d.text()
	if ns := d.varint(); ns != 0 {
		p.date = time.Unix(0, ns).UTC()
	}
	return p
}
