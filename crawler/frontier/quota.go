package frontier

import "container/heap"

// Of each host, a run may have so many pages: politeness.pages. What is pending beyond is left out, and comes back when pages are taken back.

// pend queues a job, or leaves it out if its host has had its pages.
func (s *scheduler) pend(h *host, j job) {
	if !j.requisite && s.exhausted(h) {
		s.spent++
		return
	}
	h.push(j)
	s.pending++
}

func (s *scheduler) exhausted(h *host) bool { return s.polite.pages > 0 && h.pages >= s.polite.pages }

// tight reports whether the pages out might be the last ones that h may have, and it has nothing else to be asked for.
func (s *scheduler) tight(h *host) bool {
	return s.polite.pages > 0 && h.front.len() == 0 && h.pages+int64(h.out) >= s.polite.pages
}

// leaveOut drops what a host has pending beside requisites, when it has had its pages.
func (s *scheduler) leaveOut(h *host) {
	if !s.exhausted(h) {
		return
	}
	var n int64
	for _, l := range h.levels {
		for l.ids.len() > 0 {
			id := l.ids.pop()
			if _, gone := s.gone[id]; gone {
				delete(s.gone, id)
				continue
			}
			n++
		}
	}
	h.levels = nil
	kept := h.delayed[:0]
	for _, d := range h.delayed {
		_, gone := s.gone[d.id]
		switch {
		case d.requisite:
			kept = append(kept, d)
		case gone:
			delete(s.gone, d.id)
		default:
			n++
		}
	}
	h.delayed = kept
	heap.Init(&h.delayed)
	s.pending -= n
	s.spent += n
}
