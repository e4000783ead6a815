package fasthttp

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/recorder"
)

// Name of the engine, as --engine takes it.
const Name = "fasthttp"

// Engine sends over an internal/transport client. It implements engine.Engine.
type Engine struct {
	client *transport.Client
}

// New returns an engine that owns client.
func New(client *transport.Client) *Engine { return &Engine{client: client} }

// Name returns "fasthttp".
func (e *Engine) Name() string { return Name }

// Shards is one for some workers: enough that they do not wait for each other.
func (e *Engine) Shards(connections int) int { return min(connections, 2*runtime.GOMAXPROCS(0)) }

// Close closes the client.
func (e *Engine) Close() error { return e.client.Close() }

// Run starts one worker for each connection and waits for all of them.
func (e *Engine) Run(ctx context.Context, job *engine.Job) error {
	var workers sync.WaitGroup
	for i := range job.Connections {
		w := &worker{client: e.client, job: job, shard: job.Recorder.Shard(i)}
		workers.Go(func() { w.run(ctx) })
	}
	workers.Wait()
	return nil
}

// worker sends one request after another.
type worker struct {
	client *transport.Client
	job    *engine.Job
	shard  *recorder.Shard
	req    transport.Request // of targets that are made anew each time
	sample recorder.Sample
}

func (w *worker) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for refused := 0; ; {
		send, ok := w.job.Plan.Take(timer)
		if !ok {
			return
		}
		if w.send(ctx, send) {
			refused++
		} else {
			refused = 0
		}
		w.shard.Lock()
		w.shard.Add(&w.sample)
		w.shard.Unlock()
		if refused > 0 && !w.job.Plan.Open() {
			w.job.Plan.Sleep(timer, min(time.Millisecond<<min(refused, 10), 100*time.Millisecond))
		}
	}
}

func (w *worker) request(i int64) (target int, req *transport.Request) {
	source := w.job.Source
	target = source.Pick(i)
	if req = source.Static(target); req == nil {
		source.Fill(i, target, &w.req)
		req = &w.req
	}
	return target, req
}

// send performs one exchange and fills the sample in. unconnected tells that there was no connection to send it on.
func (w *worker) send(ctx context.Context, send engine.Send) (unconnected bool) {
	target, req := w.request(send.Index)
	w.sample = recorder.Sample{Target: target, Planned: send.Planned, Sent: send.Taken, Waited: send.Waited}
	s := &w.sample
	resp, err := w.client.Do(ctx, req)
	s.End = w.job.Plan.Now()
	if err != nil {
		return w.failed(ctx, err)
	}
	w.answered(target, resp)
	resp.Release()
	return false
}

func (w *worker) answered(target int, resp *transport.Response) {
	s, t := &w.sample, &resp.Timing
	s.Status, s.Bytes, s.Written, s.Retried = resp.Status, resp.BytesIn, true, resp.Attempts > 1
	s.First = max(s.End-t.Body, s.Sent)
	s.DNS, s.Connect, s.TLS = t.DNS, t.Connect, t.TLS
	switch resp.Truncated {
	case "":
		w.job.Answer()
		if failed := w.job.Source.Verify(target, resp.Status, resp.Head, resp.Body); failed >= 0 {
			s.Failure, s.Check = engine.ClassCheck, failed+1
		}
	case transport.TruncatedTime:
		s.Failure = transport.ClassTimeout
	default:
		s.Failure = resp.Truncated
	}
}

// failed names why a request was not answered, and ends the run if none can be.
func (w *worker) failed(ctx context.Context, err error) (unconnected bool) {
	s := &w.sample
	s.Failure = transport.ClassOther
	var e *transport.Error
	known := errors.As(err, &e)
	s.Written = known && (e.Phase == transport.PhaseHead || e.Phase == transport.PhaseBody)
	if errors.Is(context.Cause(ctx), engine.ErrGrace) && errors.Is(err, engine.ErrGrace) {
		s.Failure = engine.ErrGrace.Error()
		return false
	}
	if known {
		s.Failure = e.Class
	}
	unconnected = !known || (!s.Written && e.Phase != transport.PhaseWrite)
	w.job.Fail(err, known && unconnected && !e.Temporary && e.Class != transport.ClassCancelled)
	return unconnected
}
