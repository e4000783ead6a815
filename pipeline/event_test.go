package pipeline_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"tandem/pipeline"
)

func TestEventWakesEveryWaiter(t *testing.T) {
	t.Parallel()
	var e pipeline.Event
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := e.Wait(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	e.Set()
	e.Set()
	wg.Wait()
	if !e.IsSet() {
		t.Error("not set after Set")
	}
}

func TestEventClear(t *testing.T) {
	t.Parallel()
	var e pipeline.Event
	old := e.Done()
	e.Clear() // of an event that is not set: waiters stay
	e.Set()
	<-old
	e.Clear()
	if e.IsSet() {
		t.Error("set after Clear")
	}
	select {
	case <-e.Done():
		t.Error("Done is closed after Clear")
	default:
	}
	e.Set()
	<-e.Done()
}

// Those who ask after Set get a closed channel, whether or not somebody asked before.
func TestEventDoneAfterSet(t *testing.T) {
	t.Parallel()
	var e pipeline.Event
	for range 2 {
		e.Set()
		select {
		case <-e.Done():
		default:
			t.Error("Done of a set event is open")
		}
		e.Clear()
	}
}

func TestEventWaitContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var e pipeline.Event
	if err := e.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	e.Set()
	for range 100 {
		if err := e.Wait(ctx); err != nil {
			t.Fatalf("a set event loses to a context that is over: %v", err)
		}
	}
}
