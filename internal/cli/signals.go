package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"tandem/pipeline"
)

// Signals makes the first SIGINT or SIGTERM set drain, so that a run finishes what it has in hand, and the second one
// cancel the returned context with the cause ErrInterrupted. A third one ends the process as usual. The caller must call
// stop, which gives the signals back and waits for the goroutine behind this.
func Signals(parent context.Context) (ctx context.Context, drain *pipeline.Event, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	drain = new(pipeline.Event)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		defer signal.Stop(signals)
		for _, act := range []func(){drain.Set, func() { cancel(ErrInterrupted) }} {
			select {
			case <-signals:
				act()
			case <-quit:
				return
			}
		}
	}()
	return ctx, drain, sync.OnceFunc(func() {
		close(quit)
		<-over
		cancel(nil)
	})
}

// AnnounceDrain tells the user what the first signal does, when it comes. The
// returned function ends the wait for it, and waits for the goroutine behind it.
func AnnounceDrain(ctx context.Context, w io.Writer, drain *pipeline.Event) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() {
		if drain.Wait(ctx) == nil {
			fmt.Fprintln(w, "stopping: what is in hand ends first; once more to stop at once")
		}
	})
	return func() { cancel(); wait.Wait() }
}
