package pipeline_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/pipeline"
)

func newQueue[T any](t *testing.T, cfg pipeline.QueueConfig[T]) *pipeline.Queue[T] {
	t.Helper()
	q, err := pipeline.NewQueue(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func drain[T any](q *pipeline.Queue[T]) (all []T) {
	for v, ok := q.TryGet(); ok; v, ok = q.TryGet() {
		all = append(all, v)
	}
	return all
}

func TestQueueOrders(t *testing.T) {
	t.Parallel()
	type item struct{ rank, seq int }
	less := func(a, b item) bool { return a.rank < b.rank }
	in := []item{{3, 0}, {1, 1}, {2, 2}, {1, 3}, {3, 4}, {1, 5}}
	for _, c := range []struct {
		cfg  pipeline.QueueConfig[item]
		want []int
	}{
		{pipeline.QueueConfig[item]{}, []int{0, 1, 2, 3, 4, 5}},
		{pipeline.QueueConfig[item]{Order: pipeline.LIFO}, []int{5, 4, 3, 2, 1, 0}},
		{pipeline.QueueConfig[item]{Order: pipeline.Priority, Less: less}, []int{1, 3, 5, 2, 0, 4}},
	} {
		t.Run(c.cfg.Order.String(), func(t *testing.T) {
			t.Parallel()
			q := newQueue(t, c.cfg)
			for _, v := range in {
				if err := q.Put(t.Context(), v); err != nil {
					t.Fatal(err)
				}
			}
			var got []int
			for _, v := range drain(q) {
				got = append(got, v.seq)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestQueueBounds(t *testing.T) {
	t.Parallel()
	q := newQueue(t, pipeline.QueueConfig[string]{MaxItems: 3, MaxBytes: 10,
		Size: func(s string) int64 { return int64(len(s)) }})
	for _, c := range []struct {
		put  string
		want bool
	}{{"a", true}, {"bbbbbbbbbb", false}, {"bbb", true}, {"c", true}, {"d", false}} {
		if got := q.TryPut(c.put); got != c.want {
			t.Errorf("put %q: got %v with %d items, %d bytes", c.put, got, q.Len(), q.Bytes())
		}
	}
	if q.Len() != 3 || q.Bytes() != 5 {
		t.Errorf("%d items, %d bytes; want 3 and 5", q.Len(), q.Bytes())
	}
	drain(q)
	if !q.TryPut("larger than the whole bound") || q.TryPut("x") {
		t.Error("an item beyond MaxBytes is to be taken by an empty queue, alone")
	}
}

func TestQueuePutWaitsInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, pipeline.QueueConfig[int]{MaxItems: 1})
		q.TryPut(0)
		var wg sync.WaitGroup
		for i := 1; i <= 5; i++ {
			wg.Go(func() {
				if err := q.Put(t.Context(), i); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait() // i is in line now
		}
		for want := range 6 {
			if got, err := q.Get(t.Context()); got != want || err != nil {
				t.Errorf("got %d, %v; want %d", got, err, want)
			}
		}
		wg.Wait()
	})
}

// A large item at the head of the line does not let smaller ones pass; when it gives up, they are let in.
func TestQueuePutGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, pipeline.QueueConfig[int]{MaxBytes: 10, Size: func(n int) int64 { return int64(n) }})
		q.TryPut(5)
		ctx, cancel := context.WithCancel(t.Context())
		large, small := make(chan error, 1), make(chan error, 1)
		go func() { large <- q.Put(ctx, 9) }()
		synctest.Wait()
		go func() { small <- q.Put(t.Context(), 2) }()
		synctest.Wait()
		if q.Len() != 1 {
			t.Errorf("%d items, want 1: the small one has to wait behind the large one", q.Len())
		}
		cancel()
		if err := <-large; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		if err := <-small; err != nil || q.Len() != 2 {
			t.Errorf("got %v, %d items; want 2", err, q.Len())
		}
	})
}

func TestQueueGetGivesUp(t *testing.T) {
	t.Parallel()
	q := newQueue(t, pipeline.QueueConfig[int]{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := q.Get(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
	q.TryPut(1)
	if got, err := q.Get(t.Context()); got != 1 || err != nil {
		t.Errorf("got %d, %v: the item went to the one that gave up", got, err)
	}
}

func TestQueueClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, pipeline.QueueConfig[int]{MaxItems: 1})
		put, got := make(chan error, 1), make(chan error, 3)
		q.TryPut(1)
		go func() { put <- q.Put(t.Context(), 2) }()
		synctest.Wait()
		q.Close()
		q.Close()
		if err := <-put; err != pipeline.ErrClosed {
			t.Errorf("a waiting Put: got %v, want ErrClosed", err)
		}
		if err := q.Put(t.Context(), 3); err != pipeline.ErrClosed {
			t.Errorf("Put: got %v, want ErrClosed", err)
		}
		if v, err := q.Get(t.Context()); v != 1 || err != nil {
			t.Errorf("what is left: got %d, %v; want 1", v, err)
		}
		if _, err := q.Get(t.Context()); err != pipeline.ErrClosed {
			t.Errorf("Get: got %v, want ErrClosed", err)
		}

		empty := newQueue(t, pipeline.QueueConfig[int]{})
		for range 3 {
			go func() {
				_, err := empty.Get(t.Context())
				got <- err
			}()
		}
		synctest.Wait()
		empty.Close()
		for range 3 {
			if err := <-got; err != pipeline.ErrClosed {
				t.Errorf("a waiting Get: got %v, want ErrClosed", err)
			}
		}
	})
}

func TestQueueJoin(t *testing.T) {
	t.Parallel()
	q := newQueue(t, pipeline.QueueConfig[int]{MaxItems: 4})
	if err := q.Join(t.Context()); err != nil {
		t.Errorf("of an unused queue: %v", err)
	}
	var wg sync.WaitGroup
	done := 0
	wg.Go(func() {
		for {
			if _, err := q.Get(t.Context()); err != nil {
				return
			}
			done++
			q.Done()
		}
	})
	for i := range 1000 {
		if err := q.Put(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Join(t.Context()); err != nil || done != 1000 {
		t.Errorf("Join: %v after %d of 1000", err, done)
	}
	q.Close()
	wg.Wait()
	defer func() {
		if recover() == nil {
			t.Error("a Done too many did not panic")
		}
	}()
	q.Done()
}

func TestQueueConfig(t *testing.T) {
	t.Parallel()
	for _, cfg := range []pipeline.QueueConfig[int]{
		{Order: 7},
		{Order: pipeline.Priority},
		{Less: func(a, b int) bool { return a < b }},
		{MaxItems: -1},
		{MaxBytes: 1},
	} {
		if _, err := pipeline.NewQueue(cfg); err == nil {
			t.Errorf("accepted: %+v", cfg)
		}
	}
}

// A Done for what nobody got would let Join return while there is something to do.
func TestQueueDoneTooMany(t *testing.T) {
	t.Parallel()
	q := newQueue(t, pipeline.QueueConfig[int]{})
	q.TryPut(1)
	q.TryPut(2)
	q.TryGet()
	q.Done()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
		q.TryGet()
		q.Done()
		if err := q.Join(t.Context()); err != nil { // it is in order and not locked
			t.Error(err)
		}
	}()
	q.Done()
}

// A panic of Less or Size is the caller's, and does not leave the queue locked for everybody.
func TestQueuePanicOfItsFunctions(t *testing.T) {
	t.Parallel()
	var broken bool
	q := newQueue(t, pipeline.QueueConfig[int]{MaxBytes: 10, Size: func(int) int64 {
		if broken {
			panic("size")
		}
		return 1
	}})
	q.TryPut(1)
	q.TryPut(2)
	broken = true
	for name, use := range map[string]func(){
		"Put":    func() { _ = q.Put(t.Context(), 3) },
		"TryPut": func() { q.TryPut(3) },
	} {
		func() {
			defer func() {
				if v := recover(); v != "size" {
					t.Errorf("%s: recovered %v", name, v)
				}
			}()
			use()
		}()
	}
	broken = false
	if got := drain(q); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("got %v, want what was in it before", got)
	}
}

func TestQueueConfigTellsEverything(t *testing.T) {
	t.Parallel()
	err := pipeline.QueueConfig[int]{Order: pipeline.Priority, MaxItems: -1, MaxBytes: 1}.Validate()
	for _, want := range []string{"priority with Less", "MaxItems -1", "without Size"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want also %q", err, want)
		}
	}
}
