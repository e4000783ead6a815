package frontier

import "tandem/crawler/weburl"

// Known implements [Frontier]. Links that the page in hand has just added are known once Done returns.
func (d *Durable) Known(u weburl.URL) bool {
	if d.enter() != nil {
		return false
	}
	defer d.leave()
	_, ok, err := d.findID(u.Key())
	if err != nil {
		d.fail(err)
	}
	return ok
}

// State implements [Frontier].
func (d *Durable) State(u weburl.URL) (info Info, ok bool, err error) {
	if err := d.enter(); err != nil {
		return Info{}, false, d.wrap("look up url", err)
	}
	defer d.leave()
	id, ok, err := d.findID(u.Key())
	if err != nil || !ok {
		return Info{}, false, d.wrap("look up url", err)
	}
	info, ok, err = d.info(id)
	return info, ok, d.wrap("look up url", err)
}

// findID is idOf for callers that do not hold writing. Links of a batch being built are not known yet.
func (d *Durable) findID(k weburl.Key) (uint32, bool, error) {
	d.seenMu.RLock()
	id, v := d.seen.look(k)
	d.seenMu.RUnlock()
	if v != unsure {
		return id, v == known, nil
	}
	return d.indexed(k)
}

// info is what the store holds of an id; ok is false while the batch that brings it is being built.
func (d *Durable) info(id uint32) (info Info, ok bool, err error) {
	rec, err := d.record(id)
	if err != nil || rec == nil {
		return Info{}, false, err
	}
	link, err := d.link(rec)
	if err == nil && rec.viaID != 0 {
		link.Via, err = d.urlText(rec.viaID - 1)
	}
	if err != nil {
		return Info{}, false, err
	}
	res, err := d.result(id)
	if err != nil {
		return Info{}, false, err
	}
	run := d.epoch.Load()
	info = Info{Link: link, Prior: res.priorIn(run).of(link.URL.String())}
	if res.doneIn(run) {
		info.State, info.Outcome = res.state, res.outcome()
	}
	return info, true, nil
}

// Counts implements [Frontier].
func (d *Durable) Counts() Counts {
	d.sched.mu.Lock()
	defer d.sched.mu.Unlock()
	c := Counts{Pending: d.sched.pending, InFlight: int64(len(d.sched.flights)), Done: d.sched.done, Spent: d.sched.spent}
	c.Known = c.Pending + c.InFlight + c.Done + c.Spent
	return c
}

// Hosts implements [Frontier].
func (d *Durable) Hosts() int {
	d.sched.mu.Lock()
	defer d.sched.mu.Unlock()
	return len(d.sched.hosts)
}
