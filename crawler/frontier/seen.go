package frontier

import (
	"math"

	"tandem/crawler/weburl"
)

// maxID is no id of a URL or an origin.
const maxID = math.MaxUint32

// seenSet answers "is this URL known?" from memory wherever it can. The first cap URLs are held with their ids (see table.go). Later
// ones only leave bits in a filter, which can rule a key out but not in: what it cannot rule out is asked of the store, which has an
// entry for each of them. Not safe for concurrent use.
type seenSet struct {
	held     table
	cap      int
	overflow []*sieve // each twice as big as the one before
}

func newSeenSet(capacity int) *seenSet { return &seenSet{cap: capacity} }

// verdict is what memory knows of a key.
type verdict uint8

const (
	unknown verdict = iota
	known           // and its id is at hand
	unsure          // ask the store
)

func (s *seenSet) look(k weburl.Key) (id uint32, v verdict) {
	if id, ok := s.held.get(k); ok {
		return id, known
	}
	for _, f := range s.overflow {
		if f.maybe(k) {
			return 0, unsure
		}
	}
	return 0, unknown
}

// add takes a key that is not in the set. It reports whether there was room to hold the id; if not, the store needs an entry.
func (s *seenSet) add(k weburl.Key, id uint32) (held bool) {
	if s.held.len() < s.cap {
		s.held.put(k, id)
		return true
	}
	s.sift(k)
	return false
}

// sift takes a key of which the store has an entry.
func (s *seenSet) sift(k weburl.Key) {
	last := len(s.overflow) - 1
	if last < 0 || s.overflow[last].room == 0 {
		s.overflow = append(s.overflow, newSieve(sieveKeys<<len(s.overflow)))
		last++
	}
	s.overflow[last].add(k)
}
