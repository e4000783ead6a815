package frontier

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"
)

// A record is what the store holds of one URL. Numbers are varints, text is its length and its bytes:
//
//	version(1) flags(1) state(1) id epoch depth redirects status
//	url via alt  columns: count (name value)*
//	if flagOutcome: reason place
//	if flagPrior:   url place
//	place = segment offset length recordID digest etag lastModified date(signed, ns since 1970, UTC)
//
// An outcome counts only in the run whose number, the epoch, it carries; in a later run it is what was there before. That makes
// NewRun one small write.
type record struct {
	id        uint32 // in order of discovery, from 0
	epoch     uint64 // run of the outcome
	requisite bool
	seed      bool
	page      bool
	sitemap   Sitemap
	revisit   bool  // the outcome's record repeats the payload of prior
	state     State // of the outcome; Pending = no outcome
	status    int
	depth     int
	redirects int
	url       string
	via, alt  string
	columns   map[string]string
	reason    string
	at        place
	prior     *Prior
}

// place is where the outcome's payload lies and what the server said to identify it.
type place struct {
	segment        string
	offset, length int64
	recordID       string
	digest         string
	etag, modified string
	date           time.Time
}

const recordVersion = 1

const (
	flagRequisite = 1 << iota
	flagSeed
	flagPage
	flagOutcome
	flagPrior
	flagRevisit
)

const sitemapShift = 6 // the two highest bits of the flags are a Sitemap

// doneIn reports whether the record has an outcome of run epoch.
func (r *record) doneIn(epoch uint64) bool { return r.state != Pending && r.epoch == epoch }

// priorIn is what runs before epoch left in the archive.
func (r *record) priorIn(epoch uint64) *Prior {
	switch {
	case r.state != Stored || r.epoch == epoch || r.at.segment == "":
		return r.prior
	case r.revisit && r.prior != nil:
		return r.confirmed()
	}
	return r.at.prior(r.url)
}

// confirmed is the prior payload with the validators that the last answer gave for it.
func (r *record) confirmed() *Prior {
	p := *r.prior
	if r.at.etag != "" {
		p.ETag = r.at.etag
	}
	if r.at.modified != "" {
		p.LastModified = r.at.modified
	}
	return &p
}

func (p *place) prior(url string) *Prior {
	return &Prior{
		URL: url, ETag: p.etag, LastModified: p.modified, Digest: p.digest, Segment: p.segment,
		Offset: p.offset, Length: p.length, RecordID: p.recordID, Date: p.date,
	}
}

func placeOf(p *Prior) place {
	return place{
		segment: p.Segment, offset: p.Offset, length: p.Length, recordID: p.RecordID,
		digest: p.Digest, etag: p.ETag, modified: p.LastModified, date: p.Date,
	}
}

func (r *record) encode(b []byte) []byte {
	b = append(b, recordVersion, r.flags(), byte(r.state))
	for _, n := range []uint64{uint64(r.id), r.epoch, uint64(r.depth), uint64(r.redirects), uint64(r.status)} {
		b = binary.AppendUvarint(b, n)
	}
	b = appendText(appendText(appendText(b, r.url), r.via), r.alt)
	b = binary.AppendUvarint(b, uint64(len(r.columns)))
	for _, name := range slices.Sorted(maps.Keys(r.columns)) {
		b = appendText(appendText(b, name), r.columns[name])
	}
	if r.state != Pending {
		b = r.at.encode(appendText(b, r.reason))
	}
	if r.prior != nil {
		at := placeOf(r.prior)
		b = at.encode(appendText(b, r.prior.URL))
	}
	return b
}

func (r *record) flags() byte {
	var f byte
	for _, x := range []struct {
		set bool
		bit byte
	}{{r.requisite, flagRequisite}, {r.seed, flagSeed}, {r.page, flagPage}, {r.state != Pending, flagOutcome}, {r.prior != nil, flagPrior},
		{r.revisit, flagRevisit}} {
		if x.set {
			f |= x.bit
		}
	}
	return f | byte(r.sitemap)<<sitemapShift
}

func (p *place) encode(b []byte) []byte {
	b = appendText(b, p.segment)
	b = binary.AppendUvarint(b, uint64(p.offset))
	b = binary.AppendUvarint(b, uint64(p.length))
	for _, s := range []string{p.recordID, p.digest, p.etag, p.modified} {
		b = appendText(b, s)
	}
	var ns int64
	if !p.date.IsZero() {
		ns = p.date.UnixNano()
	}
	return binary.AppendVarint(b, ns)
}

// decodeRecord reads a whole record.
func decodeRecord(b []byte) (*record, error) {
	r := &record{}
	d := reader{b: b}
	flags := d.header(r)
	r.url, r.via, r.alt = d.text(), d.text(), d.text()
	r.columns = d.columns()
	if flags&flagOutcome != 0 {
		r.reason = d.text()
		r.at = d.place()
	}
	if flags&flagPrior != 0 {
		url := d.text()
		at := d.place()
		r.prior = at.prior(url)
	}
	if d.bad || len(d.b) != 0 {
		return nil, errDamaged
	}
	return r, nil
}

// decodeHead reads what the frontier needs of every URL when it opens: all up to the URL, whose bytes it returns in place.
func decodeHead(b []byte, r *record) (url []byte, err error) {
	d := reader{b: b}
	d.header(r)
	url = d.bytes()
	if d.bad {
		return nil, errDamaged
	}
	return url, nil
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
