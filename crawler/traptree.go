package crawler

import (
	"slices"

	"tandem/crawler/weburl"
)

// trapNode is a path pattern: a folder, the named pages in it, a numbered page,
// or a page with parameters. The patterns of a host are a tree; a request counts in all of the
// patterns above it.
type trapNode struct {
	children map[uint64]*trapNode
	asked    int
	told     int    // of these, how many count by what they say
	heard    uint16 // pages looked at, halved now and then
	closed   bool
	used     uint32 // clock of the host at the last request
	texts    [16]trapText
}

// trapText is one of the texts that a pattern says most often (the counters of
// Misra and Gries: a text with more than a seventeenth of the pages is in it).
type trapText struct {
	hash  uint32
	count uint16
}

const (
	heardEnough = 64  // pages looked at before a pattern is judged
	heardNested = 16  // of a pattern of numbers in numbers, where it is judged by the requests of all of them
	heardMost   = 256 // then both counters are halved: old pages count less
)

// walk visits the patterns of a shape from the root down.
func (h *trapHost) walk(s *trapShape, visit func(n *trapNode, level int)) {
	n := h.root
	visit(n, 0)
	for i := range s.levels {
		if n = n.children[s.level[i]]; n == nil {
			return
		}
		visit(n, i+1)
	}
}

// ask counts a request in all its patterns. It reports whether the change is
// worth keeping.
func (h *trapHost) ask(s *trapShape) (worth bool) {
	h.clock++
	n := h.root
	var path [maxTrapLevels + 1]*trapNode
	for i := 0; ; i++ {
		n.used, path[i] = h.clock, n
		if i == s.levels {
			break
		}
		next := n.children[s.level[i]]
		if next == nil {
			if h.nodes >= maxTrapNodes {
				h.prune()
			}
			next = &trapNode{used: h.clock}
			if n.children == nil {
				n.children = make(map[uint64]*trapNode)
			}
			n.children[s.level[i]] = next
			h.nodes++
		}
		n = next
	}
	tells := s.tells(n)
	for _, above := range path[:s.levels+1] {
		above.asked++
		if tells || above == n {
			above.told++
		}
	}
	return h.judge(s) || n.asked%64 == 0
}

// tells reports whether what a page says counts for the folders above it: of a
// numbered page only the first few do. It is judged by itself, and what is wrong
// with a folder shows in many of its pages.
func (s *trapShape) tells(n *trapNode) bool {
	return !s.numbered(s.levels) || n.asked <= 16
}

// prune drops the half of the patterns without children that was asked for the
// least and the longest ago.
func (h *trapHost) prune() {
	var worths []uint64
	h.leaves(h.root, func(n *trapNode) bool { worths = append(worths, n.worth()); return false })
	slices.Sort(worths)
	middle := worths[len(worths)/2]
	h.leaves(h.root, func(n *trapNode) bool { return n.worth() <= middle && n.used != h.clock })
}

// worth orders patterns by how much would be lost with them.
func (n *trapNode) worth() uint64 { return uint64(min(n.asked, 1<<20)/16)<<32 | uint64(n.used) }

// leaves calls drop with each pattern that is open and has no children, and
// drops it if so told.
func (h *trapHost) leaves(n *trapNode, drop func(*trapNode) bool) {
	for key, c := range n.children {
		if len(c.children) > 0 {
			h.leaves(c, drop)
		} else if !c.closed && drop(c) {
			delete(n.children, key)
			h.nodes--
		}
	}
}

// curious tells whether the next page of a pattern is to be looked at: one in
// eight is. Of a pattern that has grown a little it is also the first two, and
// all as long as a text comes again and again. The answer is for how many pages
// it stands.
func (h *trapHost) curious(s *trapShape) (weight uint16) {
	if s.hash&7 == 0 {
		weight = 8
	}
	h.walk(s, func(n *trapNode, level int) {
		if level > 0 && n.asked >= 32 && (n.heard < 2 || n.repeats()) {
			weight = 1
		}
	})
	return weight
}

// repeats tells whether some texts come again and again.
func (n *trapNode) repeats() bool {
	again := false
	for _, t := range n.texts {
		again = again || t.count > 1
	}
	return again && (n.share(1) >= 30 || n.heard >= 48 && n.share(len(n.texts)) >= 50)
}

// hear notes what a page of a pattern said. What is no text says something of
// its own.
func (h *trapHost) hear(s *trapShape, text uint32, said bool, weight uint16) {
	var path [maxTrapLevels + 1]*trapNode
	deepest := 0
	h.walk(s, func(n *trapNode, level int) { path[level], deepest = n, level })
	from := 0
	if !s.tells(path[deepest]) {
		from = deepest
	}
	for _, n := range path[from : deepest+1] {
		if n.heard >= heardMost {
			n.heard /= 2
			for i := range n.texts {
				n.texts[i].count /= 2
			}
		}
		n.heard += weight
		if said {
			n.say(text, weight)
		}
	}
}

func (n *trapNode) say(text uint32, weight uint16) {
	var free *trapText
	for i := range n.texts {
		switch t := &n.texts[i]; {
		case t.count > 0 && t.hash == text:
			t.count += weight
			return
		case t.count == 0:
			free = t
		}
	}
	if free != nil {
		*free = trapText{text, 1} // once is no habit, however many pages it stands for
		return
	}
	for i := range n.texts {
		n.texts[i].count -= min(weight, n.texts[i].count)
	}
}

// share is how many of a hundred pages say one of the k most frequent texts.
func (n *trapNode) share(k int) int {
	if n.heard == 0 {
		return 0
	}
	sum, top := 0, 0
	for _, t := range n.texts {
		sum += int(t.count)
		top = max(top, int(t.count))
	}
	if k == 1 {
		sum = top
	}
	return min(100, 100*sum/int(n.heard))
}

// judge closes patterns that say the same, the narrowest first. What a closed
// one has added to those above is taken back: its neighbours are not to blame.
func (h *trapHost) judge(s *trapShape) (changed bool) {
	var path [maxTrapLevels + 1]*trapNode
	deepest := 0
	h.walk(s, func(n *trapNode, level int) { path[level], deepest = n, level })
	for i := deepest; i >= 0; i-- {
		n := path[i]
		asked, enough := n.asked, uint16(heardEnough)
		if s.nested() && i > s.steady { // years, months and days of one calendar have one limit
			asked, enough = max(asked, path[s.steady].asked), heardNested
		}
		if n.closed || asked < trapLimit || n.heard < enough || !n.same(i, s) {
			continue
		}
		n.closed, h.hot, changed = true, true, true
		for j, above := range path[:i] {
			above.excuse(n, s.numbered(i), s.nested() && j >= s.steady)
		}
	}
	return changed
}

// same tells whether a pattern's pages say the same. Numbered pages may take
// turns in a few texts. Folders hold all sorts of pages: there it must be one
// text, or nearly every page must say what others said. All of a host is never closed.
func (n *trapNode) same(level int, s *trapShape) bool {
	if s.numbered(level) {
		return n.share(len(n.texts)) >= 75
	}
	return level > 0 && n.told*2 >= n.asked && (n.share(1) >= 75 || n.again() >= 90)
}

// again is how many of a hundred pages say one of the texts that came more than once.
func (n *trapNode) again() int {
	if n.heard == 0 {
		return 0
	}
	sum := 0
	for _, t := range n.texts {
		if t.count > 1 {
			sum += int(t.count)
		}
	}
	return min(100, 100*sum/int(n.heard))
}

// excuse takes back what a closed pattern below has added; of numbers in numbers, the requests stay.
func (n *trapNode) excuse(closed *trapNode, numbered, nested bool) {
	n.told = max(0, n.told-closed.told)
	if !nested {
		n.asked = max(0, n.asked-closed.asked)
	}
	if numbered { // what it said has hardly counted
		return
	}
	n.heard -= min(n.heard, closed.heard)
	for _, c := range closed.texts {
		for i := range n.texts {
			if t := &n.texts[i]; t.hash == c.hash {
				t.count -= min(t.count, c.count)
			}
		}
	}
}

// closedTo tells whether a link is under a closed pattern. Only what the
// pattern's own pages lead to is left out: what an index, a sitemap or a page of
// another form names is not without end. Of a folder those below it that say
// different things are not left out either.
func (h *trapHost) closedTo(s *trapShape, via string, farMonth int) string {
	var closed, below *trapNode
	at := 0
	h.walk(s, func(n *trapNode, level int) {
		if n.closed {
			closed, below, at = n, nil, level
		} else if closed != nil && level == at+1 {
			below = n
		}
	})
	switch {
	case closed == nil:
		return ""
	case !within(s, at, via, farMonth):
		return ""
	case !s.numbered(at) && below != nil && below.heard >= 8 && max(below.share(1), below.again()) < 50:
		return ""
	}
	switch {
	case s.dated:
		return trapCalendar
	case s.repeats:
		return trapRepeat
	}
	return trapSame
}

// within tells whether the page that led here is under the same pattern, or above it in the same calendar.
func within(s *trapShape, level int, via string, farMonth int) bool {
	u, err := weburl.Parse(via)
	if err != nil || u.Authority() != s.authority {
		return false
	}
	v := shapeOf(u, farMonth)
	if s.nested() && v.levels > s.steady { // a month leads to its days
		level = min(level, v.levels)
	}
	return v.levels >= level && slices.Equal(v.level[:level], s.level[:level])
}
