package frontier

import (
	"slices"

	"tandem/crawler/weburl"
)

// load reads every known URL: ids into memory, pending ones into their hosts' queues in order of discovery.
func (d *Durable) load() error {
	type found struct {
		id uint32
		placed
	}
	var (
		pending []found
		done    int64
		epoch   = d.epoch.Load()
		seen    = newSeenSet(d.cfg.SeenInRAM)
		nextID  uint32
		names   = map[string]string{} // one string a host, not one a URL
	)
	err := d.scan(spaceStart(urlSpace), spaceEnd(urlSpace), func(key, value []byte) error {
		var r record
		url, err := decodeHead(value, &r)
		if err != nil || len(key) != 1+len(weburl.Key{}) || r.id == maxID {
			return errDamaged
		}
		k := weburl.Key(key[1:])
		seen.add(k, r.id)
		nextID = max(nextID, r.id+1)
		if r.doneIn(epoch) {
			done++
			return nil
		}
		u, err := weburl.Parse(string(url))
		if err != nil {
			return err
		}
		name, ok := names[u.Host()]
		if !ok {
			name = string([]byte(u.Host()))
			names[name] = name
		}
		pending = append(pending, found{r.id, placed{name, r.job(k)}})
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(pending, func(a, b found) int { return int(int64(a.id) - int64(b.id)) })
	jobs := make([]placed, len(pending))
	for i := range pending {
		jobs[i] = pending[i].placed
	}
	d.seenMu.Lock()
	d.seen = seen
	d.seenMu.Unlock()
	d.nextID = nextID
	return d.sched.reset(jobs, done)
}
