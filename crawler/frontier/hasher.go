package frontier

import (
	"runtime"
	"sync"

	"tandem/crawler/weburl"
)

// hasher makes keys of URLs on all cores and collects them in a seen-set. One goroutine calls start, add and finish, which waits for the
// others; the nil hasher does nothing.
type hasher struct {
	next   uint32 // behind the largest id
	hold   uint32 // ids below have no entry in the store's index: memory holds them, whatever its size
	blocks chan *block
	wait   sync.WaitGroup

	mu   sync.Mutex // guards seen
	seen *seenSet
}

// newHasher reads from which id on the store has an index.
func (d *Durable) newHasher() (*hasher, error) {
	value, err := d.get(metaKey(metaIndexed))
	if err != nil {
		return nil, err
	}
	h := &hasher{hold: maxID, seen: newSeenSet(d.cfg.SeenInRAM)}
	if d.indexedFrom = nil; value != nil {
		from, err := parseID(value)
		if err != nil {
			return nil, err
		}
		d.indexedFrom, h.hold = &from, max(from, uint32(min(d.cfg.SeenInRAM, maxID)))
	}
	return h, nil
}

func (h *hasher) start() {
	if h == nil {
		return
	}
	h.blocks = make(chan *block, 4)
	for range min(runtime.GOMAXPROCS(0), 4) {
		h.wait.Go(h.work)
	}
}

func (h *hasher) add(b *block) {
	if h == nil {
		return
	}
	h.next = max(h.next, b.urls[len(b.urls)-1].id+1)
	h.blocks <- b
}

func (h *hasher) finish() {
	if h == nil {
		return
	}
	close(h.blocks)
	h.wait.Wait()
}

func (h *hasher) work() {
	keys := make([]weburl.Key, 0, blockURLs)
	var text []byte
	for b := range h.blocks {
		keys = keys[:0]
		start := uint32(0)
		for i := range b.urls {
			u := &b.urls[i]
			text = append(append(text[:0], b.origins[u.origin].text...), b.paths[start:u.end]...)
			keys, start = append(keys, weburl.KeyOf(text)), u.end
		}
		h.mu.Lock()
		for i, k := range keys {
			if id := b.urls[i].id; id < h.hold {
				h.seen.held.put(k, id)
			} else {
				h.seen.sift(k)
			}
		}
		h.mu.Unlock()
	}
}
