package frontier

import "encoding/binary"

// A result is how the fetch of a URL ended, and what earlier runs left of it:
//
//	flags(1) state(1) epoch status
//	if flagReason: reason
//	if flagAt:     place of the outcome, see place.go
//	if flagPrior:  place of the prior
//
// An outcome counts only in the run whose number, the epoch, it carries; in a later run it is what was there before. That makes NewRun
// one small write. A result that was taken back has state Pending and only a prior.
type result struct {
	epoch   uint64 // run of the outcome
	state   State
	status  int
	page    bool
	revisit bool // the outcome's record repeats the payload of prior
	reason  string
	at      place
	prior   *place
}

const (
	flagPage = 1 << iota
	flagRevisit
	flagReason
	flagAt
	flagPrior
)

// doneIn reports whether there is an outcome of run epoch. The nil result has none.
func (r *result) doneIn(epoch uint64) bool { return r != nil && r.state != Pending && r.epoch == epoch }

// priorIn is what runs before epoch left in the archive; nil if nothing. The nil result has none.
func (r *result) priorIn(epoch uint64) *place {
	switch {
	case r == nil:
		return nil
	case r.state != Stored || r.epoch == epoch || r.at.segment == "":
		return r.prior
	case r.revisit && r.prior != nil:
		return r.confirmed()
	}
	at := r.at
	return &at
}

// confirmed is the prior payload with the validators that the last answer gave for it.
func (r *result) confirmed() *place {
	p := *r.prior
	if r.at.etag != "" {
		p.etag = r.at.etag
	}
	if r.at.modified != "" {
		p.modified = r.at.modified
	}
	return &p
}

// settled is the result after an outcome in run epoch, made from what was there before, which may be nil.
func (r *result) settled(epoch uint64, out *Outcome) *result {
	prior := r.priorIn(epoch)
	return &result{
		epoch: epoch, state: out.State, status: bounded(out.Status), page: out.Page, reason: out.Reason, prior: prior,
		revisit: out.Revisit && prior != nil, at: placeOf(out),
	}
}

// forget takes the place of m out of the result. If that was its outcome, it returns m filled in. The URL is left to the caller.
func (r *result) forget(m Mark) (Mark, bool) {
	if p := r.prior; p != nil && p.segment == m.Segment && p.offset == m.Offset {
		r.prior = nil
	}
	if r.state == Pending || r.at.segment != m.Segment || r.at.offset != m.Offset {
		return m, false
	}
	m.State, m.Status, m.Length, m.Page = r.state, r.status, r.at.length, r.page
	*r = result{prior: r.prior}
	return m, true
}

func (r *result) outcome() Outcome {
	return Outcome{
		State: r.state, Status: r.status, Reason: r.reason, Segment: r.at.segment, Offset: r.at.offset, Length: r.at.length,
		RecordID: r.at.recordID, Digest: r.at.digest, ETag: r.at.etag, LastModified: r.at.modified, Date: r.at.date, Page: r.page,
	}
}

func (r *result) encode(b []byte) []byte {
	var flags byte
	for _, x := range [...]struct {
		set bool
		bit byte
	}{{r.page, flagPage}, {r.revisit, flagRevisit}, {r.reason != "", flagReason}, {r.at != place{}, flagAt}, {r.prior != nil, flagPrior}} {
		if x.set {
			flags |= x.bit
		}
	}
	b = append(b, flags, byte(r.state))
	b = binary.AppendUvarint(b, r.epoch)
	b = binary.AppendUvarint(b, uint64(r.status))
	if r.reason != "" {
		b = appendText(b, r.reason)
	}
	if flags&flagAt != 0 {
		b = r.at.encode(b)
	}
	if r.prior != nil {
		b = r.prior.encode(b)
	}
	return b
}

// decodeResult reads a whole result.
func decodeResult(b []byte) (*result, error) {
	r := &result{}
	d := reader{b: b}
	flags := d.resultHead(r)
	if flags&flagReason != 0 {
		r.reason = d.text()
	}
	if flags&flagAt != 0 {
		r.at = d.place()
	}
	if flags&flagPrior != 0 {
		at := d.place()
		r.prior = &at
	}
	if d.bad || len(d.b) != 0 {
		return nil, errDamaged
	}
	return r, nil
}

// decodeResultHead reads what the frontier needs of every result when it opens, and the reason.
func decodeResultHead(b []byte) (r result, err error) {
	d := reader{b: b}
	if d.resultHead(&r)&flagReason != 0 {
		r.reason = d.text()
	}
	if d.bad {
		return r, errDamaged
	}
	return r, nil
}

func (d *reader) resultHead(r *result) (flags byte) {
	flags = d.byte()
	r.state = State(d.byte())
	if r.state > Skipped {
		d.fail()
	}
	r.page, r.revisit = flags&flagPage != 0, flags&flagRevisit != 0
	r.epoch = d.uvarint(1<<64 - 1)
	r.status = int(d.uvarint(1<<31 - 1))
	return flags
}
