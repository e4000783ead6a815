package site

// rng is a splitmix64 sequence: small, and the same on every machine and with every Go version, which
// math/rand does not promise.
type rng struct{ state uint64 }

// newRNG returns the sequence number stream of a seed; sequences of one seed do not resemble each other.
func newRNG(seed, stream uint64) *rng {
	r := &rng{state: seed ^ 0x6a09e667f3bcc909}
	r.state = r.next() + stream*0xd1342543de82ef95
	r.state = r.next()
	return r
}

func (r *rng) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// intn returns a number in [0, n); n must be positive and below 1<<32.
func (r *rng) intn(n int) int { return int((r.next() >> 32) * uint64(n) >> 32) }

// between returns a number in [lo, hi].
func (r *rng) between(lo, hi int) int { return lo + r.intn(hi-lo+1) }

// chance is true for n draws of a hundred.
func (r *rng) chance(n int) bool { return r.intn(100) < n }

// pick returns one of the list.
func pick[T any](r *rng, list []T) T { return list[r.intn(len(list))] }
