package pipeline_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"tandem/pipeline"
)

func BenchmarkQueue(b *testing.B) {
	for _, c := range []struct {
		name string
		cfg  pipeline.QueueConfig[int]
	}{
		{"fifo", pipeline.QueueConfig[int]{MaxItems: 1024}},
		{"lifo", pipeline.QueueConfig[int]{MaxItems: 1024, Order: pipeline.LIFO}},
		{"priority", pipeline.QueueConfig[int]{MaxItems: 1024, Order: pipeline.Priority, Less: func(a, b int) bool { return a < b }}},
	} {
		b.Run(c.name, func(b *testing.B) {
			q, err := pipeline.NewQueue(c.cfg)
			if err != nil {
				b.Fatal(err)
			}
			ctx := b.Context()
			for i := range 512 {
				q.TryPut(i * 7919 % 512)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := q.Put(ctx, i); err != nil {
					b.Fatal(err)
				}
				if _, err := q.Get(ctx); err != nil {
					b.Fatal(err)
				}
				q.Done()
			}
		})
	}
}

// BenchmarkQueueEmptied measures a queue that is done with each item before the next comes.
func BenchmarkQueueEmptied(b *testing.B) {
	q, err := pipeline.NewQueue(pipeline.QueueConfig[int]{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		q.TryPut(1)
		q.TryGet()
		q.Done()
	}
}

// BenchmarkQueueHandOver measures what passes from one goroutine to another, each waiting for the other in turn.
func BenchmarkQueueHandOver(b *testing.B) {
	q, err := pipeline.NewQueue(pipeline.QueueConfig[int]{MaxItems: 64})
	if err != nil {
		b.Fatal(err)
	}
	ctx := b.Context()
	received := make(chan struct{})
	go func() {
		defer close(received)
		for {
			if _, err := q.Get(ctx); err != nil {
				return
			}
			q.Done()
		}
	}()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := q.Put(ctx, i); err != nil {
			b.Fatal(err)
		}
	}
	q.Close()
	<-received
}

func BenchmarkEvent(b *testing.B) {
	ctx := b.Context()
	b.Run("set, clear, nobody waits", func(b *testing.B) {
		var e pipeline.Event
		b.ReportAllocs()
		for b.Loop() {
			e.Set()
			e.Clear()
		}
	})
	b.Run("wait", func(b *testing.B) {
		var e pipeline.Event
		e.Set()
		b.ReportAllocs()
		for b.Loop() {
			if err := e.Wait(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSemaphore(b *testing.B) {
	ctx := b.Context()
	b.Run("free", func(b *testing.B) {
		s := pipeline.NewSemaphore(1)
		b.ReportAllocs()
		for b.Loop() {
			if err := s.Acquire(ctx, 1); err != nil {
				b.Fatal(err)
			}
			s.Release(1)
		}
	})
	b.Run("contended", func(b *testing.B) {
		s := pipeline.NewSemaphore(1)
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := s.Acquire(ctx, 1); err != nil {
					b.Error(err)
					return
				}
				s.Release(1)
			}
		})
	})
}

// BenchmarkCondition measures two goroutines that take turns.
func BenchmarkCondition(b *testing.B) {
	ctx := b.Context()
	var mu sync.Mutex
	turn := 0
	c := pipeline.NewCondition(&mu)
	ended := make(chan struct{})
	rounds := b.N
	play := func(me int) {
		mu.Lock()
		defer mu.Unlock()
		for range rounds {
			if err := c.WaitFor(ctx, func() bool { return turn == me }); err != nil {
				b.Error(err)
				return
			}
			turn = 1 - me
			c.Signal()
		}
	}
	b.ReportAllocs()
	go func() {
		defer close(ended)
		play(1)
	}()
	play(0)
	<-ended
}

// BenchmarkExecutor measures what a call costs beside its task: submitted and waited for, one by one.
func BenchmarkExecutor(b *testing.B) {
	for _, c := range []struct {
		name string
		new  func() pipeline.Executor
	}{
		{"serial", func() pipeline.Executor { return pipeline.NewSerial(tasks()) }},
		{"goroutines", func() pipeline.Executor { return pipeline.NewGoroutines(tasks(), 2) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			ex := c.new()
			defer ex.Close(context.Background())
			ctx := b.Context()
			call := pipeline.Call{Task: "upper", Payload: []byte("x")}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ex.Submit(ctx, call).Wait(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLoops measures an item of 100 bytes through Map and AsCompleted, codecs and all.
func BenchmarkLoops(b *testing.B) {
	in := strings.Repeat("x", 100)
	inputs := func(b *testing.B) func(yield func(string) bool) {
		return func(yield func(string) bool) {
			for b.Loop() && yield(in) {
			}
		}
	}
	for _, c := range []struct {
		name string
		run  func(b *testing.B, ex pipeline.Executor)
	}{
		{"Map", func(b *testing.B, ex pipeline.Executor) {
			for _, err := range pipeline.Map(b.Context(), ex, upper, inputs(b)) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}},
		{"AsCompleted", func(b *testing.B, ex pipeline.Executor) {
			for c := range pipeline.AsCompleted(b.Context(), ex, upper, inputs(b)) {
				if c.Err != nil {
					b.Fatal(c.Err)
				}
			}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			ex := pipeline.NewGoroutines(tasks(), 2)
			defer ex.Close(context.Background())
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			c.run(b, ex)
		})
	}
}
