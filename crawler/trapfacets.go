package crawler

import (
	"math"
	"math/bits"
)

// maxFacetPaths is how many paths with several parameters are told apart on a
// host.
const maxFacetPaths = 64

// trapFacet is a path that is asked for with two parameters or more.
type trapFacet struct {
	asked  int
	sets   sketch // of parameter names that came together
	names  [8]facetName
	closed bool // to URLs with three parameters or more
	pairs  bool // and to those with two
}

// facetName is one parameter and how many values it has had.
type facetName struct {
	name   uint64
	values sketch
}

// sketch estimates how many different things it was shown, up to about a
// thousand, in 32 bytes (linear counting).
type sketch [4]uint64

func (s *sketch) add(hash uint64) {
	i := mix(hash) & 255
	s[i>>6] |= 1 << (i & 63)
}

func (s *sketch) count() int {
	free := 256
	for _, word := range s {
		free -= bits.OnesCount64(word)
	}
	if free == 0 {
		free = 1
	}
	return int(256 * math.Log(256/float64(free)))
}

// combine counts a URL with several parameters, and tells whether something is worth being kept.
func (h *trapHost) combine(s *trapShape) (changed bool) {
	if s.nparams < 2 || s.archive() {
		return false
	}
	f := h.facets[s.path]
	if f == nil {
		if h.facets == nil {
			h.facets = make(map[uint64]*trapFacet)
		}
		for path, old := range h.facets {
			if len(h.facets) < maxFacetPaths {
				break
			}
			if !old.closed {
				delete(h.facets, path)
			}
		}
		if len(h.facets) >= maxFacetPaths {
			return false // all are closed, and a path more makes no difference
		}
		f = &trapFacet{}
		h.facets[s.path] = f
	}
	f.take(s)
	if f.asked >= facetLimit && !f.closed {
		f.judge()
		h.hot = h.hot || f.closed
		return f.closed
	}
	return f.asked%worthKeeping == 0
}

func (f *trapFacet) take(s *trapShape) {
	f.asked++
	set := uint64(1)
	for _, p := range s.params[:min(s.nparams, len(s.params))] {
		set += mix(p.name)
		for i := range f.names {
			n := &f.names[i]
			if n.name == 0 {
				n.name = p.name
			}
			if n.name == p.name {
				n.values.add(p.value)
				break
			}
		}
	}
	f.sets.add(set)
}

// judge closes a path whose parameters name no thing. A path where one parameter
// has a value for every sixth request or more lists things.
func (f *trapFacet) judge() {
	const (
		perValue = 6  // requests for each value of what is listed
		manySets = 20 // of names: in those even lists have no end
	)
	listing := false
	for i := range f.names {
		n := f.names[i].values.count()
		listing = listing || n > 800 || n > f.asked/perValue
	}
	sets := f.sets.count()
	f.closed = !listing || sets > manySets
	f.pairs = !listing && sets > 3 // filters, not a list of lists by pages
}

// closedTo tells whether a URL of the path is one combination too many.
func (f *trapFacet) closedTo(s *trapShape) bool {
	if f == nil || !f.closed || s.archive() {
		return false
	}
	return s.nparams >= 3 || s.nparams == 2 && f.pairs
}

// archive tells a page of an archive by date, which has few values and many
// combinations as well.
func (s *trapShape) archive() bool { return s.dated && !s.far && s.nparams <= 3 }
