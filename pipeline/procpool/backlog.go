package procpool

// backlog is the jobs that wait for a worker: a growing ring that takes jobs at both ends. Jobs that come back from a dead
// worker go to the front.
type backlog struct {
	ring  []*job // length is a power of two, or 0
	head  int
	n     int
	bytes int64 // of input
}

func (j *job) size() int64 { return int64(len(j.call.Payload)) }

func (b *backlog) len() int { return b.n }

func (b *backlog) pushBack(j *job) {
	b.grow()
	b.ring[(b.head+b.n)&(len(b.ring)-1)] = j
	b.n++
	b.bytes += j.size()
}

func (b *backlog) pushFront(j *job) {
	b.grow()
	b.head = (b.head - 1) & (len(b.ring) - 1)
	b.ring[b.head] = j
	b.n++
	b.bytes += j.size()
}

// front returns the next job of a backlog that is not empty.
func (b *backlog) front() *job { return b.ring[b.head] }

func (b *backlog) popFront() *job {
	j := b.ring[b.head]
	b.ring[b.head] = nil
	b.head = (b.head + 1) & (len(b.ring) - 1)
	b.n--
	b.bytes -= j.size()
	return j
}

func (b *backlog) grow() {
	if b.n < len(b.ring) {
		return
	}
	ring := make([]*job, max(16, 2*b.n))
	for i := range b.n {
		ring[i] = b.ring[(b.head+i)&(len(b.ring)-1)]
	}
	b.ring, b.head = ring, 0
}
