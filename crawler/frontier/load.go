package frontier

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"tandem/crawler/weburl"
)

// loader collects what the store knows.
type loader struct {
	epoch   uint64
	seen    *seenSet
	nextID  uint32
	done    int64
	pending []found
	names   map[string]string // one string a host, not one a URL
}

type found struct {
	id uint32
	placed
}

// load reads every known URL: ids into memory, pending ones into their hosts' queues in order of discovery.
func (d *Durable) load() error {
	l := loader{epoch: d.epoch.Load(), seen: newSeenSet(d.cfg.SeenInRAM), names: map[string]string{}}
	if err := d.scan(spaceStart(urlSpace), spaceEnd(urlSpace), l.take); err != nil {
		return err
	}
	slices.SortFunc(l.pending, func(a, b found) int { return cmp.Compare(a.id, b.id) })
	jobs := make([]placed, len(l.pending))
	for i := range l.pending {
		jobs[i] = l.pending[i].placed
	}
	d.seenMu.Lock()
	d.seen = l.seen
	d.seenMu.Unlock()
	d.nextID = l.nextID
	return d.sched.reset(slices.Collect(maps.Keys(l.names)), jobs, l.done)
}

func (l *loader) take(key, value []byte) error {
	var r record
	url, err := decodeHead(value, &r)
	if err != nil || len(key) != 1+len(weburl.Key{}) || r.id == maxID {
		return errDamaged
	}
	k := weburl.Key(key[1:])
	l.seen.add(k, r.id)
	l.nextID = max(l.nextID, r.id+1)
	u, err := weburl.Parse(string(url))
	if err != nil {
		return err
	}
	host := l.name(u.Host())
	if r.doneIn(l.epoch) {
		l.done++
		return nil
	}
	l.pending = append(l.pending, found{r.id, placed{host, r.job(k)}})
	return nil
}

// name returns host as a string that does not keep the rest of a URL alive, the same one for the same host.
func (l *loader) name(host string) string {
	name, ok := l.names[host]
	if !ok {
		name = strings.Clone(host)
		l.names[name] = name
	}
	return name
}
