package frontier

import (
	"fmt"
	"strings"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"tandem/crawler/weburl"
)

// origins numbers scheme://host[:port], so that a URL is stored as a number and a path.
type origins struct {
	mu  sync.RWMutex // guards both; adding one takes Durable.writing as well
	all []origin
	ids map[string]uint32
}

type origin struct {
	text string
	host *host
}

func (o *origins) find(text string) (id uint32, host *host, ok bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	id, ok = o.ids[text]
	if ok {
		host = o.all[id].host
	}
	return id, host, ok
}

// text is the origin with a number; ok is false for a number that was never given.
func (o *origins) text(id uint32) (text string, ok bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if int64(id) >= int64(len(o.all)) {
		return "", false
	}
	return o.all[id].text, true
}

// add gives text the next number.
func (o *origins) add(text string, h *host) uint32 {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ids == nil {
		o.ids = make(map[string]uint32)
	}
	id := uint32(len(o.all))
	o.all = append(o.all, origin{text, h})
	o.ids[text] = id
	return id
}

// originOf numbers the origin of u, in b if it is new. writing is held.
func (d *Durable) originOf(b *pebble.Batch, u weburl.URL) (id uint32, h *host, err error) {
	if id, h, ok := d.origins.find(u.Origin()); ok {
		return id, h, nil
	}
	h = d.sched.intern(u.Authority())
	text := strings.Clone(u.Origin()) // it is a part of a URL that need not stay
	id = d.origins.add(text, h)
	return id, h, b.Set(idKey(originSpace, id), []byte(text), nil)
}

// loadOrigins reads all origins; their hosts become known to the scheduler.
func (d *Durable) loadOrigins() error {
	return d.scan(spaceStart(originSpace), spaceEnd(originSpace), func(key, value []byte) error {
		id, err := splitID(key)
		if err != nil {
			return err
		}
		if n, _, ok := d.origins.find(string(value)); ok && n == id {
			return nil
		}
		u, err := weburl.Parse(string(value) + "/")
		if err != nil || u.Origin() != string(value) {
			return fmt.Errorf("%w: origin %.200q", errDamaged, value)
		}
		if d.origins.add(string(value), d.sched.intern(u.Authority())) != id {
			return errDamaged
		}
		return nil
	})
}
