package report

import "time"

// pollEvery is how often Poll asks for numbers.
const pollEvery = 200 * time.Millisecond

// Poll updates the first bar from read five times a second, for runs that count by themselves. The function it returns
// ends that: it waits for the polling to be over, shows the last numbers and finishes the progress. It must be called
// once. When p is quiet, read is never called.
func (p *Progress) Poll(read func() (done, known int64, detail string)) (stop func()) {
	if p.cfg.Quiet {
		return func() {}
	}
	quit, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		for {
			p.Update(read())
			select {
			case <-ticker.C:
			case <-quit:
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-over
		p.Update(read())
		p.Finish()
	}
}
