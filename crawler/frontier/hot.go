package frontier

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// hotLinks remembers the ids of links that come again and again: the navigation that every page of a site repeats. It saves the key,
// which is a SHA-256, and the look into the seen-set. What is known stays known, so an entry is never wrong. Safe for concurrent use.
type hotLinks struct {
	seed  maphash.Seed
	slots [hotSlots]hotSlot
}

const (
	hotSlots   = 1 << 14
	hotLongest = 512 // bytes of a link; with longer ones, which a URL may be, the slots could hold 128 MiB
)

// hotSlot holds one link. A link takes a slot the second time in a row that it is met there: what is met once leaves a mark and
// allocates nothing.
type hotSlot struct {
	link atomic.Pointer[hotLink]
	mark atomic.Uint32
}

type hotLink struct {
	at   uint64 // hash of href
	href string
	id   uint32
}

func newHotLinks() *hotLinks { return &hotLinks{seed: maphash.MakeSeed()} }

// look returns the id of href, or where offer may put it.
func (h *hotLinks) look(href string) (id uint32, ok bool, at uint64) {
	at = maphash.String(h.seed, href)
	if l := h.slots[at%hotSlots].link.Load(); l != nil && l.at == at && l.href == href {
		return l.id, true, at
	}
	return 0, false, at
}

// offer tells the id of a link that look did not find at at.
func (h *hotLinks) offer(href string, id uint32, at uint64) {
	if len(href) > hotLongest {
		return
	}
	s := &h.slots[at%hotSlots]
	mark := uint32(at>>32) | 1
	if s.mark.Load() != mark {
		s.mark.Store(mark)
		return
	}
	s.link.Store(&hotLink{at, strings.Clone(href), id})
}
