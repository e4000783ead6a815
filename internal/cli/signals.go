package cli

import (
	"context"
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
