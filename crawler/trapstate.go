package crawler

import (
	"encoding/json"
	"errors"
)

// errTrap is what a trap does to an item.
var errTrap = errors.New("in a trap: see traps in crawl.json")

// The values of Config.Traps.
const (
	TrapsOn  = "on"
	TrapsOff = "off"
)

// metaTraps is what a resumed run knows of traps: the patterns and the paths with
// facets that were asked for some times with what they said, what is used up, and
// what is closed. It is written once a second when it has changed. The rest is learned
// anew: a stop costs a trap a dozen requests, and a session id its proofs.
// A new run over the same URLs begins with nothing.
const metaTraps = "traps"

// trapState is the JSON of it.
type trapState struct {
	Run   string          `json:"run"`
	Hosts []trapHostState `json:"hosts"`
}

type trapHostState struct {
	Host   string           `json:"host"`
	Spent  map[string]int   `json:"spent,omitempty"`
	Nodes  []trapNodeState  `json:"nodes,omitempty"`
	Facets []trapFacetState `json:"facets,omitempty"`
}

type trapNodeState struct {
	Path   []uint64 `json:"path"`
	Asked  int      `json:"asked"`
	Told   int      `json:"told"`
	Heard  uint16   `json:"heard"`
	Closed bool     `json:"closed,omitempty"`
	// Texts are hashes and counts by turns.
	Texts []uint32 `json:"texts,omitempty"`
}

type trapFacetState struct {
	Path   uint64      `json:"path"`
	Asked  int         `json:"asked"`
	Closed bool        `json:"closed,omitempty"`
	Pairs  bool        `json:"pairs,omitempty"`
	Sets   sketch      `json:"sets"`
	Names  []nameState `json:"names,omitempty"`
}

type nameState struct {
	Name   uint64 `json:"name"`
	Values sketch `json:"values"`
}

const (
	maxTrapState = 1024 // patterns and paths with facets that are kept over a resume
	worthKeeping = 16   // requests of one from which on it is
)

// encode returns what is to be kept; ok is false while little has changed, unless
// it is asked for all the same.
func (t *traps) encode(run string, always bool) (text string, ok bool) {
	if t == nil {
		return "", false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.dirty && !always {
		return "", false
	}
	t.dirty = false
	state := trapState{Run: run}
	room := maxTrapState
	for name, h := range t.hosts {
		if s := h.state(name, &room); len(s.Nodes)+len(s.Facets)+len(s.Spent) > 0 {
			state.Hosts = append(state.Hosts, s)
		}
	}
	b, err := json.Marshal(state)
	return string(b), err == nil
}

func (h *trapHost) state(name string, room *int) trapHostState {
	s := trapHostState{Host: name, Spent: h.spent}
	for path, f := range h.facets {
		if (f.asked >= worthKeeping || f.closed) && *room > 0 {
			*room--
			s.Facets = append(s.Facets, f.state(path))
		}
	}
	var visit func(n *trapNode, path []uint64)
	visit = func(n *trapNode, path []uint64) {
		if (n.asked >= worthKeeping || n.closed) && *room > 0 {
			*room--
			s.Nodes = append(s.Nodes, n.state(path))
		}
		for key, c := range n.children {
			visit(c, append(path, key))
		}
	}
	visit(h.root, nil)
	return s
}

func (n *trapNode) state(path []uint64) trapNodeState {
	s := trapNodeState{Path: append([]uint64{}, path...), Asked: n.asked, Told: n.told, Heard: n.heard, Closed: n.closed}
	for _, t := range n.texts {
		if t.count > 1 {
			s.Texts = append(s.Texts, t.hash, uint32(t.count))
		}
	}
	return s
}

func (f *trapFacet) state(path uint64) trapFacetState {
	s := trapFacetState{Path: path, Asked: f.asked, Closed: f.closed, Pairs: f.pairs, Sets: f.sets}
	for _, n := range f.names {
		if n.name != 0 {
			s.Names = append(s.Names, nameState{n.name, n.values})
		}
	}
	return s
}

func (s *trapFacetState) facet() *trapFacet {
	f := &trapFacet{asked: s.Asked, sets: s.Sets, closed: s.Closed, pairs: s.Pairs}
	for i := range min(len(s.Names), len(f.names)) {
		f.names[i] = facetName{s.Names[i].Name, s.Names[i].Values}
	}
	return f
}

// restore takes up what an earlier part of the same run knew.
func (t *traps) restore(run, text string) {
	var state trapState
	if t == nil || text == "" || json.Unmarshal([]byte(text), &state) != nil || state.Run != run {
		return
	}
	for _, s := range state.Hosts {
		h := &trapHost{root: &trapNode{}, nodes: 1, spent: s.Spent}
		for _, n := range s.Nodes {
			h.restore(n)
		}
		for _, f := range s.Facets {
			if h.facets == nil {
				h.facets = make(map[uint64]*trapFacet)
			}
			h.facets[f.Path] = f.facet()
			h.hot = h.hot || f.Closed
		}
		h.hot = h.hot || h.spent[trapRepeat] >= repeatLimit || h.spent[trapGrowth] >= growthLimit || h.spent[trapCalendar] >= farLimit
		t.hosts[s.Host] = h
		t.held += h.weight()
	}
}

func (h *trapHost) restore(s trapNodeState) {
	n := h.root
	for _, key := range s.Path[:min(len(s.Path), maxTrapLevels)] {
		next := n.children[key]
		if next == nil {
			next = &trapNode{}
			if n.children == nil {
				n.children = make(map[uint64]*trapNode)
			}
			n.children[key] = next
			h.nodes++
		}
		n = next
	}
	n.asked, n.told, n.heard, n.closed = s.Asked, s.Told, s.Heard, s.Closed
	for i := range min(len(s.Texts)/2, len(n.texts)) {
		n.texts[i] = trapText{s.Texts[2*i], uint16(s.Texts[2*i+1])}
	}
	h.hot = h.hot || s.Closed
}

// openTraps begins to watch, with what this run knew when it stopped.
func (r *run) openTraps() error {
	text, err := r.frontier.Meta(metaTraps)
	if err != nil {
		return err
	}
	r.traps = newTraps(&r.cfg, r.tally.start)
	r.traps.restore(r.id, text)
	return nil
}

// keepTraps writes down what is known, if it has changed or the run ends.
func (r *run) keepTraps(end bool) error {
	text, ok := r.traps.encode(r.id, end)
	if !ok {
		return nil
	}
	return r.frontier.SetMeta(metaTraps, text)
}
