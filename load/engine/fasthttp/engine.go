package fasthttp

import (
	"context"
	"errors"
	"fmt"
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
	client   *transport.Client
	session  transport.SessionConfig
	sessions []*transport.Session  // one for each worker, kept between two runs
	prepared []*transport.Prepared // by target; nil for those that are made anew each time
}

// New returns an engine that owns client, on which each worker has a session.
func New(client *transport.Client, session transport.SessionConfig) *Engine {
	return &Engine{client: client, session: session}
}

// Name returns "fasthttp".
func (e *Engine) Name() string { return Name }

// Shards is one for some workers: enough that they do not wait for each other.
func (e *Engine) Shards(connections int) int { return min(connections, 2*runtime.GOMAXPROCS(0)) }

// Close closes the sessions and the client.
func (e *Engine) Close() error {
	for _, s := range e.sessions {
		s.Close()
	}
	return e.client.Close()
}

// Run starts one worker for each connection and waits for all of them.
func (e *Engine) Run(ctx context.Context, job *engine.Job) error {
	if err := e.prepare(job.Source); err != nil {
		return err
	}
	for len(e.sessions) < job.Connections {
		e.sessions = append(e.sessions, e.client.NewSession(e.session))
	}
	var workers sync.WaitGroup
	for i := range job.Connections {
		w := &worker{engine: e, session: e.sessions[i], job: job, shard: job.Recorder.Shard(i)}
		workers.Go(func() { w.run(ctx) })
	}
	workers.Wait()
	return nil
}

// prepare renders the requests that are always the same, once for all runs.
func (e *Engine) prepare(source engine.Source) error {
	if e.prepared != nil {
		return nil
	}
	e.prepared = make([]*transport.Prepared, source.Len())
	size := 0
	for t := range e.prepared {
		req := source.Static(t)
		if req == nil || size >= maxPrepared {
			continue
		}
		p, err := e.client.Prepare(req)
		if err != nil {
			return err
		}
		e.prepared[t] = p
		size += len(p.Head()) + len(req.Body)
	}
	return nil
}

// maxPrepared bounds the rendered requests that are kept, in bytes.
const maxPrepared = 64 << 20

// worker sends one request after another.
type worker struct {
	engine  *Engine
	session *transport.Session
	job     *engine.Job
	shard   *recorder.Shard
	req     transport.Request // of targets that are made anew each time
	resp    transport.Response
	sample  recorder.Sample
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
			w.job.Plan.Sleep(timer, engine.Rest(refused))
		}
	}
}

// send performs one exchange and fills the sample in. unconnected tells that there was no connection to send it on.
func (w *worker) send(ctx context.Context, send engine.Send) (unconnected bool) {
	target := w.job.Source.Pick(send.Index)
	w.sample = recorder.Sample{Target: target, Planned: send.Planned, Sent: send.Taken, Waited: send.Waited}
	s := &w.sample
	err := w.exchange(ctx, send.Index, target)
	s.End = w.job.Plan.Now()
	s.Bytes, s.Retried, s.Redirected, s.Unasked = w.resp.BytesIn, w.resp.Attempts > 1, w.resp.Redirects, w.resp.Unasked > 0
	if err != nil {
		return w.failed(ctx, err)
	}
	w.answered(target)
	return false
}

func (w *worker) exchange(ctx context.Context, i int64, target int) error {
	if p := w.engine.prepared[target]; p != nil {
		return w.session.DoPrepared(ctx, p, &w.resp)
	}
	req := w.job.Source.Static(target)
	if req == nil {
		w.job.Source.Fill(i, target, &w.req)
		req = &w.req
	}
	return w.session.Do(ctx, req, &w.resp)
}

func (w *worker) answered(target int) {
	resp := &w.resp
	s, t := &w.sample, &resp.Timing
	s.Status, s.Written = resp.Status, true
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
	if s.Failure != "" && s.Check == 0 {
		w.job.Fail(fmt.Errorf("answer cut: %s", s.Failure), false)
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
