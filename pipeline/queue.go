package pipeline

import (
	"container/list"
	"context"
	"errors"
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
//
// Less and Size are called while the queue is locked: let them be quick and not call the queue. They have to say the same
// of an item for as long as it is in the queue.
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
	// Size returns the bytes that an item counts for; needed by MaxBytes. Without a bound it is for Queue.Bytes alone.
	Size func(T) int64
}

// Validate reports every contradiction in the configuration.
func (c QueueConfig[T]) Validate() error {
	var errs []error
	if c.Order < FIFO || c.Order > Priority {
		errs = append(errs, fmt.Errorf("queue: unknown order %v", c.Order))
	} else if (c.Order == Priority) != (c.Less != nil) {
		errs = append(errs, fmt.Errorf("queue: order %v with Less set: %v", c.Order, c.Less != nil))
	}
	if c.MaxItems < 0 || c.MaxBytes < 0 {
		errs = append(errs, fmt.Errorf("queue: negative bound: MaxItems %d, MaxBytes %d", c.MaxItems, c.MaxBytes))
	}
	if c.MaxBytes > 0 && c.Size == nil {
		errs = append(errs, fmt.Errorf("queue: MaxBytes %d without Size", c.MaxBytes))
	}
	return errors.Join(errs...)
}

// Queue is a buffer between goroutines, bounded in items and in bytes. Put blocks while it is full: that is the
// back-pressure. Waiting Puts and Gets are served in the order they came, so nobody starves.
//
// All methods are safe for concurrent use. The senders' side calls Close; receivers then get what is left and
// ErrClosed after it. NewQueue makes one: the zero value is of no use.
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
	place *list.Element
	ready chan error // receives nil when the item is in, ErrClosed when it never will be
}

type getter[T any] struct {
	item  T // set before ready receives nil
	place *list.Element
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
	w, err := q.offer(item)
	if w == nil {
		return err
	}
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
	q.putters.Remove(w.place)
	q.admit() // the next in line may be smaller
	return ctx.Err()
}

// offer adds the item if there is room, or returns its place in line.
func (q *Queue[T]) offer(item T) (*putter[T], error) {
	q.mu.Lock()
	defer q.mu.Unlock() // also when Less or Size panics
	if q.closed {
		return nil, ErrClosed
	}
	if q.putters.Len() == 0 && q.fits(item) {
		q.insert(item)
		return nil, nil
	}
	w := &putter[T]{item: item, ready: make(chan error, 1)}
	w.place = q.putters.PushBack(w)
	return w, nil
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
	item, w, err := q.request()
	if w == nil {
		return item, err
	}
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
	q.getters.Remove(w.place)
	return item, cause()
}

// request takes the next item if there is one, or returns a place in line.
func (q *Queue[T]) request() (item T, w *getter[T], err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.buf.len() > 0 {
		return q.take(), nil, nil
	}
	if q.closed {
		return item, nil, ErrClosed
	}
	w = &getter[T]{ready: make(chan error, 1)}
	w.place = q.getters.PushBack(w)
	return item, w, nil
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

// Done says that one item got from the queue has been dealt with; see Join. It panics when called more often than items
// were got.
func (q *Queue[T]) Done() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.unfinished == q.buf.len() {
		panic("pipeline: Queue.Done called more often than items were got")
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
	return q.cfg.MaxBytes == 0 || q.buf.len() == 0 || q.size(item) <= q.cfg.MaxBytes-q.bytes
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
