package frontier

import "tandem/crawler/weburl"

// Lookup implements [Frontier].
func (d *Durable) Lookup(digest string) (Prior, bool) {
	if digest == "" || d.enter() != nil {
		return Prior{}, false
	}
	defer d.leave()
	p, err := d.lookup(digest)
	if err != nil {
		d.fail(err)
	}
	if p == nil {
		return Prior{}, false
	}
	return *p, true
}

func (d *Durable) lookup(digest string) (*Prior, error) {
	value, err := d.get(digestKey(digest))
	if err != nil || value == nil {
		return nil, err
	}
	return decodeDigest(value)
}

// decodeDigest reads the value of a digest: url place, as in a record.
func decodeDigest(b []byte) (*Prior, error) {
	r := reader{b: b}
	url := r.text()
	at := r.place()
	if r.bad || len(r.b) != 0 {
		return nil, errDamaged
	}
	return at.prior(url), nil
}

// Known implements [Frontier]. Links that the page in hand has just added are known once Done returns.
func (d *Durable) Known(u weburl.URL) bool {
	k := u.Key()
	d.seenMu.RLock()
	_, v := d.seen.look(k)
	d.seenMu.RUnlock()
	if v != unsure {
		return v == known
	}
	if d.enter() != nil {
		return false
	}
	defer d.leave()
	value, err := d.get(urlKey(urlSpace, k))
	if err != nil {
		d.fail(err)
	}
	return value != nil
}

// State implements [Frontier].
func (d *Durable) State(u weburl.URL) (info Info, ok bool, err error) {
	if err := d.enter(); err != nil {
		return Info{}, false, d.wrap("look up url", err)
	}
	defer d.leave()
	rec, err := d.record(u.Key())
	if err != nil || rec == nil {
		return Info{}, false, d.wrap("look up url", err)
	}
	link, err := rec.link()
	if err != nil {
		return Info{}, false, d.wrap("look up url", err)
	}
	run := d.epoch.Load()
	info = Info{Link: link, Prior: rec.priorIn(run)}
	if rec.doneIn(run) {
		info.State, info.Outcome = rec.state, rec.outcome()
	}
	return info, true, nil
}

func (r *record) outcome() Outcome {
	return Outcome{
		State: r.state, Status: r.status, Reason: r.reason, Segment: r.at.segment, Offset: r.at.offset, Length: r.at.length,
		RecordID: r.at.recordID, Digest: r.at.digest, ETag: r.at.etag, LastModified: r.at.modified, Date: r.at.date, Page: r.page,
	}
}

// Counts implements [Frontier].
func (d *Durable) Counts() Counts {
	d.sched.mu.Lock()
	defer d.sched.mu.Unlock()
	c := Counts{Pending: d.sched.pending, InFlight: int64(len(d.sched.flights)), Done: d.sched.done}
	c.Known = c.Pending + c.InFlight + c.Done
	return c
}

// Hosts implements [Frontier].
func (d *Durable) Hosts() int {
	d.sched.mu.Lock()
	defer d.sched.mu.Unlock()
	return len(d.sched.hosts)
}
