package frontier

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"tandem/crawler/weburl"
)

const addBatch = 1000 // links of Add in one batch

// keyed is a link and what is known of it before any lock is taken: its id, if it is among the hot ones, else its key.
type keyed struct {
	*Link
	key weburl.Key
	id  uint32
	hot bool
	at  uint64 // among the hot ones
}

func (d *Durable) keysOf(links []Link) []keyed {
	ks := make([]keyed, len(links))
	for i := range links {
		k := &ks[i]
		k.Link = &links[i]
		if k.id, k.hot, k.at = d.hot.look(k.URL.String()); !k.hot {
			k.key = k.URL.Key()
		}
	}
	return ks
}

// Add implements [Frontier]. Thousands of links are written in several batches.
func (d *Durable) Add(links []Link) (added int, err error) {
	if err := d.enter(); err != nil {
		return 0, d.wrap("add links", err)
	}
	defer d.leave()
	for all := d.keysOf(links); len(all) > 0; {
		n := min(len(all), addBatch)
		fresh, err := d.addBatch(all[:n])
		if err != nil {
			return added, d.wrap("add links", err)
		}
		added += fresh
		all = all[n:]
	}
	return added, nil
}

func (d *Durable) addBatch(links []keyed) (int, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	b := d.db.NewBatch()
	jobs, _, err := d.admit(b, nil, links, false)
	if err != nil {
		return 0, errors.Join(err, b.Close())
	}
	if len(jobs) == 0 {
		return 0, b.Close()
	}
	if err := d.commit(b); err != nil {
		return 0, err
	}
	d.sched.push(jobs)
	return len(jobs), nil
}

// admit puts the records of new links, found on page p if it is not nil, into b and returns their jobs, and the ids of all links if
// they are wanted. writing is held. An error after the first new link would leave memory ahead of the store, so every error stops the
// frontier.
func (d *Durable) admit(b *pebble.Batch, p *page, links []keyed, wantIDs bool) (jobs []placed, ids []uint32, err error) {
	defer func() {
		if err != nil {
			d.fail(err)
		}
	}()
	if wantIDs {
		ids = make([]uint32, 0, len(links))
	}
	for i := range links {
		l := &links[i]
		if l.URL.IsZero() {
			continue
		}
		id, known := l.id, l.hot
		if !known {
			if id, known, err = d.idOf(l.key); err != nil {
				return nil, nil, err
			}
			if known {
				d.hot.offer(l.URL.String(), id, l.at)
			}
		}
		if !known {
			var j placed
			if j, err = d.adopt(b, p, l); err != nil {
				return nil, nil, err
			}
			id, jobs = j.id, append(jobs, j)
		}
		if wantIDs {
			ids = append(ids, id)
		}
	}
	return jobs, ids, nil
}

// adopt makes a new link known.
func (d *Durable) adopt(b *pebble.Batch, p *page, l *keyed) (placed, error) {
	id, err := d.newID(b, l.key)
	if err != nil {
		return placed{}, err
	}
	origin, host, err := d.originOf(b, l.URL)
	if err != nil {
		return placed{}, err
	}
	rec := recordOf(l.Link, origin, p)
	d.valueBuf = rec.encode(d.valueBuf[:0])
	return placed{host, rec.job(id)}, b.Set(idKey(urlSpace, id), d.valueBuf, nil)
}

// idOf tells whether a key is known, and its id. A link of the batch being built is in memory or, beyond Config.SeenInRAM, in recent.
func (d *Durable) idOf(k weburl.Key) (uint32, bool, error) {
	d.seenMu.RLock()
	id, v := d.seen.look(k)
	d.seenMu.RUnlock()
	if v != unsure {
		return id, v == known, nil
	}
	if id, ok := d.recent[k]; ok {
		return id, true, nil
	}
	return d.indexed(k)
}

// indexed asks the store for the id of a URL that memory has no room for.
func (d *Durable) indexed(k weburl.Key) (id uint32, ok bool, err error) {
	value, err := d.get(append([]byte{indexSpace}, k[:]...))
	if err != nil || value == nil {
		return 0, false, err
	}
	id, err = parseID(value)
	return id, err == nil, err
}

// newID makes k known. From the first URL on that memory has no room for, all are written to the index: a later start may have more
// room, or less.
func (d *Durable) newID(b *pebble.Batch, k weburl.Key) (uint32, error) {
	if d.nextID >= maxID-1 {
		return 0, errors.New("more urls than a frontier can number")
	}
	id := d.nextID
	d.nextID++
	d.seenMu.Lock()
	held := d.seen.add(k, id)
	d.seenMu.Unlock()
	if !held {
		d.recent[k] = id
		if d.indexedFrom == nil {
			d.indexedFrom = &id
			if err := b.Set(metaKey(metaIndexed), idValue(id), nil); err != nil {
				return 0, err
			}
		}
	}
	if d.indexedFrom == nil {
		return id, nil
	}
	return id, b.Set(append([]byte{indexSpace}, k[:]...), idValue(id), nil)
}
