package frontier

import (
	"runtime"
	"sync"

	"tandem/crawler/weburl"
)

// load reads every known URL: pending ones into their hosts' queues in order of discovery, and, if seen says so, all into the
// seen-set.
func (d *Durable) load(seen bool) error {
	if err := d.loadOrigins(); err != nil {
		return err
	}
	l := loader{d: d, epoch: d.epoch.Load()}
	if seen {
		return d.fillSeen(func(h *hasher) error { l.hasher = h; return d.sched.reset(l.all) })
	}
	return d.sched.reset(l.all)
}

// loadSeen reads all into the seen-set, and nothing else.
func (d *Durable) loadSeen() error {
	return d.fillSeen(func(h *hasher) error {
		return d.eachURL(func(id uint32, rec, _ []byte) error {
			r, path, err := decodeHead(rec)
			if err != nil {
				return err
			}
			return h.add(id, r.origin, path)
		})
	})
}

// loader puts the jobs that the store holds into a scheduler.
type loader struct {
	d      *Durable
	epoch  uint64
	hasher *hasher // nil if the seen-set is there already
}

// all implements the argument of scheduler.reset.
func (l *loader) all(pend func(h *host, j job), done func(h *host, page bool)) error {
	var hosts []*host // by origin, without a lock
	l.d.origins.mu.RLock()
	for _, o := range l.d.origins.all {
		hosts = append(hosts, o.host)
	}
	l.d.origins.mu.RUnlock()
	return l.d.eachURL(func(id uint32, rec, res []byte) error {
		r, path, err := decodeHead(rec)
		if err != nil || int64(r.origin) >= int64(len(hosts)) {
			return errDamaged
		}
		if l.hasher != nil {
			if err := l.hasher.add(id, r.origin, path); err != nil {
				return err
			}
		}
		if res != nil {
			end, err := decodeResultHead(res)
			if err != nil {
				return err
			}
			if end.doneIn(l.epoch) {
				done(hosts[r.origin], end.page)
				return nil
			}
		}
		pend(hosts[r.origin], r.job(id))
		return nil
	})
}

// fillSeen runs read, which gives every known URL to the hasher, and takes the seen-set that comes of it.
func (d *Durable) fillSeen(read func(h *hasher) error) error {
	value, err := d.get(metaKey(metaIndexed))
	if err != nil {
		return err
	}
	hold := uint32(maxID) // nobody has an entry in the index
	if d.indexedFrom = nil; value != nil {
		from, err := parseID(value)
		if err != nil {
			return err
		}
		d.indexedFrom, hold = &from, max(from, uint32(min(d.cfg.SeenInRAM, maxID)))
	}
	h := newHasher(&d.origins, newSeenSet(d.cfg.SeenInRAM), hold)
	err = read(h)
	h.close()
	if err != nil {
		return err
	}
	d.seenMu.Lock()
	d.seen = h.seen
	d.seenMu.Unlock()
	d.nextID = h.next
	return nil
}

// hasher makes keys of URLs on all cores and collects them in a seen-set. add is called by one goroutine, which also calls close: that
// waits for the others.
type hasher struct {
	origins []string
	next    uint32 // behind the largest id
	block   *block
	blocks  chan *block
	wait    sync.WaitGroup

	hold uint32 // ids below have no entry in the store's index: memory holds them, whatever its size

	mu   sync.Mutex // guards seen
	seen *seenSet
}

// block is a number of URLs in one piece of memory.
type block struct {
	text []byte
	ids  []uint32
	ends []int // of each URL in text
}

const blockURLs = 1024

func newHasher(o *origins, seen *seenSet, hold uint32) *hasher {
	h := &hasher{blocks: make(chan *block, 4), block: &block{}, seen: seen, hold: hold}
	o.mu.RLock()
	for _, origin := range o.all {
		h.origins = append(h.origins, origin.text)
	}
	o.mu.RUnlock()
	for range min(runtime.GOMAXPROCS(0), 4) {
		h.wait.Go(h.work)
	}
	return h
}

// add takes a URL; path is copied.
func (h *hasher) add(id, origin uint32, path []byte) error {
	if int64(origin) >= int64(len(h.origins)) || id >= maxID-1 {
		return errDamaged
	}
	h.next = max(h.next, id+1)
	b := h.block
	b.text = append(append(b.text, h.origins[origin]...), path...)
	b.ids, b.ends = append(b.ids, id), append(b.ends, len(b.text))
	if len(b.ids) == blockURLs {
		h.blocks <- b
		h.block = &block{text: make([]byte, 0, len(b.text)), ids: make([]uint32, 0, blockURLs), ends: make([]int, 0, blockURLs)}
	}
	return nil
}

func (h *hasher) close() {
	h.blocks <- h.block
	close(h.blocks)
	h.wait.Wait()
}

func (h *hasher) work() {
	keys := make([]weburl.Key, 0, blockURLs)
	for b := range h.blocks {
		keys = keys[:0]
		start := 0
		for _, end := range b.ends {
			keys = append(keys, weburl.KeyOf(b.text[start:end]))
			start = end
		}
		h.mu.Lock()
		for i, k := range keys {
			if id := b.ids[i]; id < h.hold {
				h.seen.held.put(k, id)
			} else {
				h.seen.sift(k)
			}
		}
		h.mu.Unlock()
	}
}
