package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/pipeline"
)

// load is an item of the tests below.
type load struct {
	from, seq int // who put it, and as which of his
	rank      int // for Priority
	size      int64
}

func byRank(a, b load) bool    { return a.rank < b.rank }
func sizeOf(l load) int64      { return l.size }
func older(a, b load) int      { return a.seq - b.seq }
func newer(a, b load) int      { return b.seq - a.seq }
func moreUrgent(a, b load) int { return 1_000_000*(a.rank-b.rank) + a.seq - b.seq }

// In every order and within every bound, a queue behaves like a sorted slice, whatever the sequence of operations.
func TestQueueLikeItsModel(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cfg pipeline.QueueConfig[load]
		cmp func(a, b load) int
	}{
		"fifo":           {pipeline.QueueConfig[load]{}, older},
		"lifo":           {pipeline.QueueConfig[load]{Order: pipeline.LIFO}, newer},
		"priority":       {pipeline.QueueConfig[load]{Order: pipeline.Priority, Less: byRank}, moreUrgent},
		"fifo, items":    {pipeline.QueueConfig[load]{MaxItems: 37}, older},
		"lifo, bytes":    {pipeline.QueueConfig[load]{Order: pipeline.LIFO, MaxBytes: 500, Size: sizeOf}, newer},
		"priority, both": {pipeline.QueueConfig[load]{Order: pipeline.Priority, Less: byRank, MaxItems: 20, MaxBytes: 300, Size: sizeOf}, moreUrgent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const steps = 12_000
			rng := rand.New(rand.NewPCG(1, 2))
			q := newQueue(t, c.cfg)
			var model []load
			var bytes int64
			for i := range steps {
				if rng.IntN(steps) > i { // fills, then empties
					l := load{seq: i, rank: rng.IntN(50), size: rng.Int64N(40)}
					fits := (c.cfg.MaxItems == 0 || len(model) < c.cfg.MaxItems) &&
						(c.cfg.MaxBytes == 0 || len(model) == 0 || bytes+l.size <= c.cfg.MaxBytes)
					if got := q.TryPut(l); got != fits {
						t.Fatalf("step %d: put %+v into %d items, %d bytes: got %v", i, l, len(model), bytes, got)
					}
					if fits {
						at, _ := slices.BinarySearchFunc(model, l, c.cmp)
						model = slices.Insert(model, at, l)
						bytes += l.size
					}
				} else if got, ok := q.TryGet(); ok != (len(model) > 0) || ok && got != model[0] {
					t.Fatalf("step %d: got %+v, %v; model has %d items", i, got, ok, len(model))
				} else if ok {
					model = model[1:]
					bytes -= got.size
				}
				if q.Len() != len(model) || c.cfg.Size != nil && q.Bytes() != bytes {
					t.Fatalf("step %d: %d items, %d bytes; model %d, %d", i, q.Len(), q.Bytes(), len(model), bytes)
				}
			}
			if got := drain(q); !slices.Equal(got, model) {
				t.Errorf("%d left, model %d", len(got), len(model))
			}
		})
	}
}

// Between many senders and receivers of which some give up, nothing is lost or doubled, the bounds hold at every moment,
// and each receiver gets the items of one sender in the order they were put.
func TestQueueMany(t *testing.T) {
	t.Parallel()
	for _, cfg := range []pipeline.QueueConfig[load]{
		{MaxItems: 1},
		{MaxItems: 3},
		{MaxBytes: 50, Size: sizeOf},
		{MaxItems: 4, MaxBytes: 90, Size: sizeOf},
		{MaxItems: 8, Order: pipeline.LIFO},
		{MaxItems: 8, Order: pipeline.Priority, Less: byRank},
		{},
	} {
		t.Run(fmt.Sprintf("%v %d %d", cfg.Order, cfg.MaxItems, cfg.MaxBytes), func(t *testing.T) {
			t.Parallel()
			q := newQueue(t, cfg)
			const senders, each = 6, 250
			var send, receive sync.WaitGroup
			var mu sync.Mutex
			seen := make(map[load]int)
			for s := range senders {
				rng := rand.New(rand.NewPCG(uint64(s), 1))
				send.Go(func() {
					for i := range each {
						l := load{from: s, seq: i, rank: rng.IntN(9), size: rng.Int64N(30)}
						for putSomehow(t, q, rng, l) != nil {
						}
					}
				})
				receive.Go(func() {
					rng := rand.New(rand.NewPCG(uint64(s), 2))
					last := make(map[int]int)
					for {
						l, err := getSomehow(t, q, rng)
						if errors.Is(err, pipeline.ErrClosed) {
							return
						}
						if err != nil {
							continue
						}
						if cfg.Order == pipeline.FIFO && l.seq < last[l.from] {
							t.Errorf("sender %d: item %d came after item %d", l.from, l.seq, last[l.from])
						}
						last[l.from] = l.seq
						mu.Lock()
						seen[l]++
						mu.Unlock()
						q.Done()
						if n := q.Len(); cfg.MaxItems > 0 && n > cfg.MaxItems {
							t.Errorf("%d items", n)
						}
						if n := q.Bytes(); cfg.MaxBytes > 0 && n > cfg.MaxBytes {
							t.Errorf("%d bytes", n)
						}
					}
				})
			}
			send.Wait()
			if err := q.Join(t.Context()); err != nil {
				t.Error(err)
			}
			mu.Lock()
			if len(seen) != senders*each {
				t.Errorf("Join returned after %d of %d items", len(seen), senders*each)
			}
			mu.Unlock()
			q.Close()
			receive.Wait()
			for l, n := range seen {
				if n != 1 {
					t.Errorf("%+v came %d times", l, n)
				}
			}
		})
	}
}

// putSomehow puts an item in one of several ways, of which some give up.
func putSomehow(t *testing.T, q *pipeline.Queue[load], rng *rand.Rand, l load) error {
	switch rng.IntN(3) {
	case 0:
		if q.TryPut(l) {
			return nil
		}
		return context.DeadlineExceeded
	case 1:
		return q.Put(t.Context(), l)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.IntN(50))*time.Microsecond)
	defer cancel()
	return q.Put(ctx, l)
}

func getSomehow(t *testing.T, q *pipeline.Queue[load], rng *rand.Rand) (load, error) {
	switch rng.IntN(3) {
	case 0:
		if l, ok := q.TryGet(); ok {
			return l, nil
		}
		return load{}, context.DeadlineExceeded
	case 1:
		return q.Get(t.Context())
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rng.IntN(50))*time.Microsecond)
	defer cancel()
	return q.Get(ctx)
}

// A context that ends while an item comes: either Get returns the item, or the item stays.
func TestQueueGetMeetsCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, pipeline.QueueConfig[int]{})
		var got, left int
		for i := range 2000 {
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				v, err := q.Get(ctx)
				if err == nil && v != i {
					t.Errorf("got %d, want %d", v, i)
				}
				ended <- err
			}()
			synctest.Wait()
			meet(i, cancel, func() { q.TryPut(i) })
			err := <-ended
			synctest.Wait() // both have happened
			if err == nil {
				got++
			} else {
				left++
			}
			if v, ok := q.TryGet(); ok != (err != nil) || ok && v != i {
				t.Fatalf("Get returned %v, and %v, %d is left", err, ok, v)
			}
		}
		if got == 0 || left == 0 {
			t.Errorf("%d got, %d left: one of the two was not tested", got, left)
		}
	})
}

// A context that ends while there comes to be room: either Put returns nil and the item is in, or it is not.
func TestQueuePutMeetsCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, pipeline.QueueConfig[int]{MaxItems: 1})
		var in, out int
		for i := range 2000 {
			q.TryPut(-1)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- q.Put(ctx, i) }()
			synctest.Wait()
			meet(i, cancel, func() { q.TryGet() })
			err := <-ended
			synctest.Wait() // both have happened
			if err == nil {
				in++
			} else {
				out++
			}
			if v, ok := q.TryGet(); ok != (err == nil) || ok && v != i {
				t.Fatalf("Put returned %v, and %v, %d is in", err, ok, v)
			}
		}
		if in == 0 || out == 0 {
			t.Errorf("%d in, %d out: one of the two was not tested", in, out)
		}
	})
}

// Closed while many wait to put and to get: a Put that returned nil is got by somebody, one that did not is got by nobody.
func TestQueueCloseWhileManyWait(t *testing.T) {
	t.Parallel()
	for round := range 100 {
		q := newQueue(t, pipeline.QueueConfig[int]{MaxItems: 2})
		const senders = 16
		put, got := make([]bool, senders), make([]int, senders)
		var wg sync.WaitGroup
		for i := range senders {
			wg.Go(func() {
				err := q.Put(t.Context(), i)
				put[i] = err == nil
				if err != nil && err != pipeline.ErrClosed {
					t.Error(err)
				}
			})
		}
		var mu sync.Mutex
		closer := rand.New(rand.NewPCG(uint64(round), 1)).IntN(senders)
		for i := range 4 {
			wg.Go(func() {
				for {
					v, err := q.Get(t.Context())
					if err != nil {
						if err != pipeline.ErrClosed {
							t.Error(err)
						}
						return
					}
					mu.Lock()
					got[v]++
					mu.Unlock()
				}
			})
			if i == closer%4 {
				wg.Go(q.Close)
			}
		}
		wg.Wait()
		for i := range senders {
			if put[i] && got[i] != 1 || !put[i] && got[i] != 0 {
				t.Errorf("round %d: item %d: put %v, came %d times", round, i, put[i], got[i])
			}
		}
	}
}

// Join waits for exactly what has been put and is not done, whoever holds it.
func TestQueueJoinWaitsForTheLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, pipeline.QueueConfig[int]{})
		q.TryPut(0)
		joined := make(chan error, 2)
		for range 2 {
			go func() { joined <- q.Join(t.Context()) }()
		}
		step := func(what string, do func()) {
			do()
			synctest.Wait()
			if len(joined) > 0 {
				t.Fatalf("Join returned after %s", what)
			}
		}
		step("one was put", func() {})
		step("three were put", func() { q.TryPut(1); q.TryPut(2) })
		step("one was got", func() { q.TryGet() })
		step("one was done", q.Done)
		step("all were got", func() { drain(q) })
		step("two were done", q.Done)
		step("the third was done and another put", func() { q.TryPut(3); q.Done() })
		step("the queue was closed", q.Close)
		step("the last was got", func() { drain(q) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.Join(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want context.DeadlineExceeded", err)
		}
		q.Done()
		for range 2 {
			if err := <-joined; err != nil {
				t.Error(err)
			}
		}
	})
}
