package frontier

import (
	"encoding/binary"
	"math"
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
	return d.take(int(d.uvarint(math.MaxInt32)))
}

func (d *reader) text() string { return string(d.bytes()) }

// take reads n bytes, in place; nil if there are not so many.
func (d *reader) take(n int) []byte {
	if n > len(d.b) {
		d.fail()
		return nil
	}
	s := d.b[:n]
	d.b = d.b[n:]
	return s
}
