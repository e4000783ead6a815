package framing

const (
	memoSize = 1 << 10 // bytes of the largest head that is remembered
	memoWait = 8       // every how manieth unknown head is remembered
)

// Memo remembers one head, and how its response ends: most heads of a server are those of the response before, but for one in a
// second whose Date is new. Framers of one goroutine may share a Memo. The zero value is ready. It takes at most 1 KiB.
type Memo struct {
	head   []byte
	says   message
	misses uint
}

// recall returns the length of the head that begins b, if it is the one that c remembers, or else 0.
func (c *Memo) recall(b []byte) (int, message) {
	n := len(c.head)
	if n == 0 || len(b) < n || string(b[:n]) != string(c.head) {
		return 0, message{}
	}
	return n, c.says
}

// learn remembers a head, unless there are so many that it is not worth it.
func (c *Memo) learn(head []byte, says message) {
	if c.misses++; c.misses%memoWait == 1 && len(head) <= memoSize {
		c.head, c.says = append(c.head[:0], head...), says
	}
}
