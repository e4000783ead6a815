package pipeline

import (
	"container/list"
	"context"
	"fmt"
	"sync"
)

// Order says which item of a Queue comes out next.
type Order int

// The orders of a Queue.
const (
	FIFO     Order = iota // the oldest item first
	LIFO                  // the newest item first
	Priority              // the smallest item by QueueConfig.Less first; equal items in the order they came
)

// String returns "fifo", "lifo" or "priority".
func (o Order) String() string {
	switch o {
	case FIFO:
		return "fifo"
	case LIFO:
		return "lifo"
	case Priority:
		return "priority"
	}
	return fmt.Sprintf("Order(%d)", int(o))
}

// QueueConfig says how a Queue orders its items and what bounds it.
type QueueConfig[T any] struct {
	// Order of the items. Defaults to FIFO.
	Order Order
	// Less compares two items; needed by Priority and only there.
	Less func(a, b T) bool
	// MaxItems is the largest number of items held. Defaults to 0: not bounded by number.
	MaxItems int
	// MaxBytes is the largest sum of Size over the items held. An item larger than that is taken when the queue is
	// empty. Defaults to 0: not bounded by bytes.
	MaxBytes int64
	// Size returns the bytes that an item counts for; needed by MaxBytes and only there.
	Size func(T) int64
}

// Validate reports every contradiction in the configuration.
func (c QueueConfig[T]) Validate() error {
	switch {
	case c.Order < FIFO || c.Order > Priority:
		return fmt.Errorf("queue: unknown order %v", c.Order)
	case (c.Order == Priority) != (c.Less != nil):
		return fmt.Errorf("queue: order %v with Less set: %v", c.Order, c.Less != nil)
	case c.MaxItems < 0 || c.MaxBytes < 0:
		return fmt.Errorf("queue: negative bound: MaxItems %d, MaxBytes %d", c.MaxItems, c.MaxBytes)
	case c.MaxBytes > 0 && c.Size == nil:
		return fmt.Errorf("queue: MaxBytes %d without Size", c.MaxBytes)
	}
	return nil
}

// Queue is a buffer between goroutines, bounded in items and in bytes. Put blocks while it is full: that is the
// back-pressure. Waiting Puts and Gets are served in the order they came, so nobody starves.
//
// All methods are safe for concurrent use. The senders' side calls Close; receivers then get what is left and
// ErrClosed after it.
type Queue[T any] struct {
	cfg QueueConfig[T]

	mu         sync.Mutex // guards the fields below
	buf        buffer[T]
	bytes      int64
	putters    list.List // of *putter[T], oldest first
	getters    list.List // of *getter[T], oldest first; empty unless buf is empty
	closed     bool
	unfinished int   // items put and not yet Done
	idle       Event // set while unfinished is 0
}

type putter[T any] struct {
	item  T
	ready chan error // receives nil when the item is in, ErrClosed when it never will be
}

type getter[T any] struct {
	item  T
	ready chan error
}

// NewQueue returns an empty queue, or an error when cfg contradicts itself.
func NewQueue[T any](cfg QueueConfig[T]) (*Queue[T], error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	q := &Queue[T]{cfg: cfg, buf: newBuffer(cfg)}
	q.idle.Set()
	return q, nil
}

// Put adds an item, waiting while the queue is full. It returns ErrClosed once the queue is closed, also to those that
// wait, and the context's error when that ends first; the item is not in the queue then.
func (q *Queue[T]) Put(ctx context.Context, item T) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return ErrClosed
	}
	if q.putters.Len() == 0 && q.fits(item) {
		q.insert(item)
		q.mu.Unlock()
		return nil
	}
	w := &putter[T]{item: item, ready: make(chan error, 1)}
	elem := q.putters.PushBack(w)
	q.mu.Unlock()

	select {
	case err := <-w.ready:
		return err
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case err := <-w.ready: // it got in at the last moment
		return err
	default:
	}
	q.putters.Remove(elem)
	q.admit() // the next in line may be smaller
	return ctx.Err()
}

// TryPut adds an item if there is room now and reports whether it did.
func (q *Queue[T]) TryPut(item T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.putters.Len() > 0 || !q.fits(item) {
		return false
	}
	q.insert(item)
	return true
}

// Get takes the next item, waiting while there is none. It returns ErrClosed when the queue is closed and empty, and
// the context's error when that ends first.
func (q *Queue[T]) Get(ctx context.Context) (T, error) {
	return q.get(ctx.Done(), ctx.Err)
}

// get is Get with the two parts of a context that it needs; done may be nil.
func (q *Queue[T]) get(done <-chan struct{}, cause func() error) (T, error) {
	var none T
	q.mu.Lock()
	if q.buf.len() > 0 {
		item := q.take()
		q.mu.Unlock()
		return item, nil
	}
	if q.closed {
		q.mu.Unlock()
		return none, ErrClosed
	}
	w := &getter[T]{ready: make(chan error, 1)}
	elem := q.getters.PushBack(w)
	q.mu.Unlock()

	select {
	case err := <-w.ready:
		return w.item, err
	case <-done:
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case err := <-w.ready: // an item is never lost to a context that ended meanwhile
		return w.item, err
	default:
	}
	q.getters.Remove(elem)
	return none, cause()
}

// TryGet takes the next item if there is one now.
func (q *Queue[T]) TryGet() (T, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.buf.len() == 0 {
		var none T
		return none, false
	}
	return q.take(), true
}

// Done says that one item got from the queue has been dealt with; see Join. More calls than items panic.
func (q *Queue[T]) Done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.unfinished == 0 {
		panic("pipeline: Queue.Done called more often than Put")
	}
	if q.unfinished--; q.unfinished == 0 {
		q.idle.Set()
	}
}

// Join waits until every item ever put has been followed by a Done, or returns the context's error.
func (q *Queue[T]) Join(ctx context.Context) error { return q.idle.Wait(ctx) }

// Close ends the queue for Put; Get still returns what is in it. Closing again changes nothing.
func (q *Queue[T]) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	for e := q.putters.Front(); e != nil; e = e.Next() {
		e.Value.(*putter[T]).ready <- ErrClosed
	}
	for e := q.getters.Front(); e != nil; e = e.Next() {
		e.Value.(*getter[T]).ready <- ErrClosed
	}
	q.putters.Init()
	q.getters.Init()
}

// Len returns the number of items in the queue.
func (q *Queue[T]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.buf.len()
}

// Bytes returns the sum of Size over the items in the queue; 0 without Size.
func (q *Queue[T]) Bytes() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}

// fits reports whether the bounds allow one more item. The caller holds mu.
func (q *Queue[T]) fits(item T) bool {
	if q.cfg.MaxItems > 0 && q.buf.len() >= q.cfg.MaxItems {
		return false
	}
	return q.cfg.MaxBytes == 0 || q.buf.len() == 0 || q.bytes+q.size(item) <= q.cfg.MaxBytes
}

// insert hands the item to a waiting Get or keeps it. The caller holds mu.
func (q *Queue[T]) insert(item T) {
	if q.unfinished++; q.unfinished == 1 {
		q.idle.Clear()
	}
	if e := q.getters.Front(); e != nil {
		w := q.getters.Remove(e).(*getter[T])
		w.item = item
		w.ready <- nil
		return
	}
	q.bytes += q.size(item)
	q.buf.push(item)
}

// take removes the next item and lets waiting Puts in. The caller holds mu; the queue is not empty.
func (q *Queue[T]) take() T {
	item := q.buf.pop()
	q.bytes -= q.size(item)
	q.admit()
	return item
}

// admit lets waiting Puts in, oldest first, while they fit. The caller holds mu.
func (q *Queue[T]) admit() {
	for e := q.putters.Front(); e != nil; e = q.putters.Front() {
		w := e.Value.(*putter[T])
		if !q.fits(w.item) {
			return
		}
		q.putters.Remove(e)
		q.insert(w.item)
		w.ready <- nil
	}
}

func (q *Queue[T]) size(item T) int64 {
	if q.cfg.Size == nil {
		return 0
	}
	return q.cfg.Size(item)
}
