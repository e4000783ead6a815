package frontier

import (
	"encoding/binary"
	"maps"
	"slices"

	"tandem/crawler/weburl"
)

// A record is what the store holds of the link by which a URL became known. It is written once. Numbers are varints, text is its
// length and its bytes:
//
//	flags(1) origin depth redirects
//	if flagVia:     id of the page it was found on
//	if flagViaText: the same as text, where that page has no id
//	path and query
//	if flagAlt:     alt
//	if flagColumns: count (name value)*
type record struct {
	origin    uint32
	uri       string // path and query
	requisite bool
	seed      bool
	sitemap   Sitemap
	depth     int
	redirects int
	viaID     uint32 // plus 1; 0 is none
	via       string // where viaID is 0
	alt       string
	columns   map[string]string
}

const (
	flagRequisite = 1 << iota
	flagSeed
	flagVia
	flagViaText
	flagAlt
	flagColumns
)

const sitemapShift = 6 // the two highest bits of the flags are a Sitemap

// page is the page on which links were found.
type page struct {
	url string
	id  uint32
}

// recordOf is the record of a link that was found on p, or not on a page if p is nil.
func recordOf(l *Link, origin uint32, p *page) *record {
	r := &record{
		origin: origin, uri: l.URL.RequestURI(), requisite: l.Requisite, seed: l.Seed, sitemap: min(l.Sitemap, ListedSitemap),
		depth: bounded(l.Depth), redirects: bounded(l.Redirects), alt: l.Alt, columns: l.Columns,
	}
	if p != nil && l.Via == p.url {
		r.viaID = p.id + 1
	} else {
		r.via = l.Via
	}
	return r
}

// bounded brings a count into the range that records hold.
func bounded(n int) int { return min(max(n, 0), 1<<31-1) }

func (r *record) flags() byte {
	f := byte(r.sitemap) << sitemapShift
	for _, x := range [...]struct {
		set bool
		bit byte
	}{
		{r.requisite, flagRequisite}, {r.seed, flagSeed}, {r.viaID != 0, flagVia}, {r.via != "", flagViaText}, {r.alt != "", flagAlt},
		{len(r.columns) > 0, flagColumns},
	} {
		if x.set {
			f |= x.bit
		}
	}
	return f
}

func (r *record) encode(b []byte) []byte {
	b = append(b, r.flags())
	b = binary.AppendUvarint(b, uint64(r.origin))
	b = binary.AppendUvarint(b, uint64(r.depth))
	b = binary.AppendUvarint(b, uint64(r.redirects))
	if r.viaID != 0 {
		b = binary.AppendUvarint(b, uint64(r.viaID-1))
	}
	if r.via != "" {
		b = appendText(b, r.via)
	}
	b = appendText(b, r.uri)
	if r.alt != "" {
		b = appendText(b, r.alt)
	}
	if len(r.columns) > 0 {
		b = binary.AppendUvarint(b, uint64(len(r.columns)))
		for _, name := range slices.Sorted(maps.Keys(r.columns)) {
			b = appendText(appendText(b, name), r.columns[name])
		}
	}
	return b
}

// decodeRecord reads a whole record.
func decodeRecord(b []byte) (*record, error) {
	d := reader{b: b}
	r, flags, path := d.head()
	r.uri = string(path)
	if flags&flagAlt != 0 {
		r.alt = d.text()
	}
	if flags&flagColumns != 0 {
		r.columns = d.columns()
	}
	if d.bad || len(d.b) != 0 {
		return nil, errDamaged
	}
	return &r, nil
}

// decodeHead reads what the frontier needs of every URL when it opens: all up to path and query, whose bytes it returns in place.
func decodeHead(b []byte) (r record, path []byte, err error) {
	d := reader{b: b}
	r, _, path = d.head()
	if d.bad {
		return record{}, nil, errDamaged
	}
	return r, path, nil
}

// head reads a record up to its path and query, which it returns in place: record.uri is left to the caller.
func (d *reader) head() (r record, flags byte, path []byte) {
	flags = d.byte()
	r.requisite, r.seed = flags&flagRequisite != 0, flags&flagSeed != 0
	r.sitemap = Sitemap(flags >> sitemapShift)
	r.origin = uint32(d.uvarint(maxID))
	r.depth = int(d.uvarint(1<<31 - 1))
	r.redirects = int(d.uvarint(1<<31 - 1))
	if flags&flagVia != 0 {
		r.viaID = uint32(d.uvarint(maxID-1)) + 1
	}
	if flags&flagViaText != 0 {
		r.via = d.text()
	}
	return r, flags, d.bytes()
}

func (d *reader) columns() map[string]string {
	n := d.uvarint(1<<31 - 1)
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

// job is the part of a record that the scheduler keeps.
func (r *record) job(id uint32) job {
	return job{id: id, depth: int32(r.depth), attempt: 1, requisite: r.requisite}
}

// link gives the link back, without what only another record knows: see Durable.link.
func (r *record) link(origin string) (Link, error) {
	u, err := weburl.Parse(origin + r.uri)
	if err != nil {
		return Link{}, err
	}
	return Link{
		URL: u, Via: r.via, Depth: r.depth, Requisite: r.requisite, Seed: r.seed, Redirects: r.redirects, Alt: r.alt, Columns: r.columns,
		Sitemap: r.sitemap,
	}, nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
