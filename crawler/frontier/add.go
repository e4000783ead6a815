package frontier

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"tandem/crawler/weburl"
)

const addBatch = 1000 // links of Add in one batch

// keyed is a link and its key, which is computed before any lock is taken.
type keyed struct {
	*Link
	key weburl.Key
}

func keysOf(links []Link) []keyed {
	ks := make([]keyed, len(links))
	for i := range links {
		ks[i] = keyed{Link: &links[i], key: links[i].URL.Key()}
	}
	return ks
}

// Add implements [Frontier]. Thousands of links are written in several batches.
func (d *Durable) Add(links []Link) (added int, err error) {
	if err := d.enter(); err != nil {
		return 0, d.wrap("add links", err)
	}
	defer d.leave()
	for all := keysOf(links); len(all) > 0; {
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
	jobs, _, err := d.admit(b, links, false)
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

// admit puts the records of new links into b and returns their jobs, and the ids of all links if they are wanted. writing is held. An
// error after the first new link would leave memory ahead of the store, so every error stops the frontier.
func (d *Durable) admit(b *pebble.Batch, links []keyed, wantIDs bool) (jobs []placed, ids []uint32, err error) {
	defer func() {
		if err != nil {
			d.fail(err)
		}
	}()
	if wantIDs {
		ids = make([]uint32, 0, len(links))
	}
	for _, l := range links {
		if l.URL.IsZero() {
			continue
		}
		id, ok, err := d.idOf(l.key)
		if err != nil {
			return nil, nil, err
		}
		if !ok {
			if id, err = d.newID(l.key); err != nil {
				return nil, nil, err
			}
			rec := recordOf(l.Link, id)
			if err := d.put(b, l.key, rec); err != nil {
				return nil, nil, err
			}
			jobs = append(jobs, placed{host: l.URL.Host(), job: rec.job(l.key)})
		}
		if wantIDs {
			ids = append(ids, id)
		}
	}
	return jobs, ids, nil
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
	value, err := d.get(urlKey(urlSpace, k))
	if err != nil || value == nil {
		return 0, false, err
	}
	var r record
	if _, err := decodeHead(value, &r); err != nil {
		return 0, false, err
	}
	return r.id, true, nil
}

// newID makes k known.
func (d *Durable) newID(k weburl.Key) (uint32, error) {
	if d.nextID == maxID {
		return 0, errors.New("more urls than a frontier can number")
	}
	id := d.nextID
	d.nextID++
	d.seenMu.Lock()
	inRAM := d.seen.add(k, id)
	d.seenMu.Unlock()
	if !inRAM {
		d.recent[k] = id
	}
	return id, nil
}

func (d *Durable) put(b *pebble.Batch, k weburl.Key, r *record) error {
	d.valueBuf = r.encode(d.valueBuf[:0])
	return b.Set(urlKey(urlSpace, k), d.valueBuf, nil)
}

func recordOf(l *Link, id uint32) *record {
	return &record{
		id: id, requisite: l.Requisite, seed: l.Seed, depth: bounded(l.Depth), redirects: bounded(l.Redirects),
		url: l.URL.String(), via: l.Via, alt: l.Alt, columns: l.Columns, sitemap: min(l.Sitemap, ListedSitemap),
	}
}

// bounded brings a count into the range that records hold.
func bounded(n int) int { return min(max(n, 0), 1<<31-1) }

func (r *record) job(k weburl.Key) job {
	return job{key: k, depth: int32(r.depth), attempt: 1, requisite: r.requisite}
}

func (r *record) link() (Link, error) {
	u, err := weburl.Parse(r.url)
	if err != nil {
		return Link{}, err
	}
	return Link{
		URL: u, Via: r.via, Depth: r.depth, Requisite: r.requisite, Seed: r.seed, Redirects: r.redirects, Alt: r.alt, Columns: r.columns,
		Sitemap: r.sitemap,
	}, nil
}
