package crawler

import "math/bits"

// trapSessions looks for parts of URLs that change no page: the same URL with
// another id says the same. A part is found out when that was seen often, on
// several pages; from then on each page is asked for under one id alone.
type trapSessions struct {
	parts [8]sessionPart
	seen  [256]sessionPage
}

// sessionPart is a parameter, or a place in the path.
type sessionPart struct {
	key          uint64
	same, differ int
	pages        uint64 // bits of the pages that said the same
	asked        *[1024]uint64
}

// sessionPage is what a page said under an id.
type sessionPage struct {
	id   trapID
	text uint32
}

const (
	sameOften = 24 // times that another id said the same
	onPages   = 4
)

// weight is what they take; see trapHost.weight.
func (t *trapSessions) weight() int {
	if t == nil {
		return 0
	}
	n := 64 // of the pages
	for i := range t.parts {
		if t.parts[i].asked != nil {
			n += 40
		}
	}
	return n
}

func (t *trapSessions) part(key uint64) *sessionPart {
	if t == nil {
		return nil
	}
	for i := range t.parts {
		if t.parts[i].key == key {
			return &t.parts[i]
		}
	}
	return nil
}

// visit notes a URL that is asked for.
func (t *trapSessions) visit(id trapID) {
	p := t.part(id.key)
	if p == nil {
		p = t.room()
		*p = sessionPart{key: id.key, asked: new([1024]uint64)}
	}
	for _, bit := range probes(id.rest) {
		p.asked[bit>>6] |= 1 << (bit & 63)
	}
}

// room is a free part, or the one that looks least like a session.
func (t *trapSessions) room() *sessionPart {
	least := &t.parts[0]
	for i := range t.parts {
		p := &t.parts[i]
		if p.key == 0 {
			return p
		}
		if p.same-p.differ < least.same-least.differ {
			least = p
		}
	}
	return least
}

// visited tells whether a URL was asked for under another id which is known to
// change nothing.
func (t *trapSessions) visited(id trapID) bool {
	p := t.part(id.key)
	if p == nil || !p.found() {
		return false
	}
	for _, bit := range probes(id.rest) {
		if p.asked[bit>>6]>>(bit&63)&1 == 0 {
			return false
		}
	}
	return true
}

// probes are the places of a page in a Bloom filter of 64 Ki bits.
func probes(rest uint64) [4]uint16 {
	rest = mix(rest)
	return [4]uint16{uint16(rest), uint16(rest >> 16), uint16(rest >> 32), uint16(rest >> 48)}
}

func (p *sessionPart) found() bool {
	return p.same >= sameOften && p.same >= 4*p.differ && bits.OnesCount64(p.pages) >= onPages
}

// compare notes what a page said. It reports whether that found a part out.
func (t *trapSessions) compare(id trapID, text uint32) bool {
	p := t.part(id.key)
	if p == nil {
		return false
	}
	was := p.found()
	page := &t.seen[(id.rest^id.key)&255]
	switch {
	case page.id.rest != id.rest || page.id.key != id.key:
		*page = sessionPage{id, text}
	case page.id.value == id.value:
	case page.text == text:
		p.same++
		p.pages |= 1 << (mix(id.rest) & 63)
	default:
		p.differ++
	}
	return !was && p.found()
}
