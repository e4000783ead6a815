package procpool

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"tandem/pipeline"
)

// server is the worker: one goroutine reads requests into a queue, one runs them in order.
type server struct {
	hello  hello
	tasks  *pipeline.TaskSet
	mark   *mark
	out    *batchWriter
	parent context.Context // of every call's context; Serve's
	soft   int64           // bytes held between calls that make the worker leave, 0 for no limit
	looked time.Time       // when bloated last looked; the runner's, like ended
	ended  time.Time       // when the last call ended

	finished chan struct{} // closed when the runner has ended

	mu      sync.Mutex // guards the fields below
	wake    sync.Cond  // signalled when queue or over changes
	queue   []serverCall
	head    int // of queue: first call not started
	current *itemContext
	hand    uint64 // call in hand, 0 if none
	over    bool   // no more requests
	leaving bool   // starts no more calls
}

type serverCall struct {
	id   uint64
	body callBody
}

// read takes requests until the end of the file.
func (s *server) read(requests io.Reader) error {
	frames := newFrameReader(requests, s.hello.MaxCall+frameSlack)
	for {
		f, err := frames.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read request: %w", err)
		}
		switch f.kind {
		case frameCall:
			body, err := parseCall(f.body)
			if err != nil {
				return fmt.Errorf("read request: %w", err)
			}
			s.push(serverCall{f.id, body})
		case frameCancel:
			s.cancel(f.id)
		case frameRecall:
			s.giveBack()
		default:
			return fmt.Errorf("read request: %w: type %d", errFrame, f.kind)
		}
	}
}

func (s *server) push(c serverCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaving {
		s.out.drop(c.id)
		return
	}
	if s.head > 64 && s.head > len(s.queue)/2 {
		n := copy(s.queue, s.queue[s.head:])
		clear(s.queue[n:])
		s.queue, s.head = s.queue[:n], 0
	}
	s.queue = append(s.queue, c)
	s.wake.Signal()
}

// cancel drops the call, or cancels it if it is in hand. One that is answered already is none of its business.
func (s *server) cancel(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hand == id {
		s.current.cancelCall()
		return
	}
	for i := s.head; i < len(s.queue); i++ {
		if s.queue[i].id == id {
			s.queue = append(s.queue[:i], s.queue[i+1:]...)
			s.out.drop(id)
			return
		}
	}
}

// giveBack drops every call that has not started.
func (s *server) giveBack() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.queue[s.head:] {
		s.out.drop(c.id)
	}
	clear(s.queue)
	s.queue, s.head = s.queue[:0], 0
}

// stop ends the runner after the call in hand and reports whether there is one.
func (s *server) stop() (busy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.wake.Signal()
	return s.hand != 0
}

// run runs calls until stop. A task that calls runtime.Goexit ends this goroutine; another takes its place.
func (s *server) run() {
	done := false
	defer func() {
		if done {
			close(s.finished)
			return
		}
		go s.run() // in place of this one
	}()
	for {
		c, ctx, ok := s.next()
		if !ok {
			break
		}
		s.runOne(c, ctx)
		if s.out.failed() {
			break
		}
		slow, bloated := s.look()
		if bloated {
			s.leave()
		}
		if slow {
			_ = s.out.flush() // remembered, see failed
		}
	}
	done = true
}

// next waits for a call and takes it in hand.
func (s *server) next() (serverCall, *itemContext, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.head == len(s.queue) {
		if s.over {
			return serverCall{}, nil, false
		}
		s.queue, s.head = s.queue[:0], 0
		if s.out.pending() {
			s.mu.Unlock()
			_ = s.out.flush() // remembered, see failed
			s.mu.Lock()
			continue
		}
		if !s.out.failed() {
			s.mark.end()
		}
		s.wake.Wait()
	}
	if s.over {
		return serverCall{}, nil, false
	}
	c := s.queue[s.head]
	s.queue[s.head] = serverCall{}
	s.head++
	s.hand, s.current = c.id, s.context(c.body)
	return c, s.current, true
}

// context returns the context of a call that starts now.
func (s *server) context(c callBody) *itemContext {
	ctx := &itemContext{parent: s.parent}
	if c.deadline != 0 {
		ctx.deadline = time.Unix(0, c.deadline)
	}
	if s.hello.Timeout > 0 {
		soft := time.Now().Add(time.Duration(s.hello.Timeout))
		if ctx.deadline.IsZero() || soft.Before(ctx.deadline) {
			ctx.deadline = soft
		}
	}
	return ctx
}

// runOne runs the call in hand and answers it.
func (s *server) runOne(c serverCall, ctx *itemContext) {
	s.mark.begin(c.id)
	var name string
	var value []byte
	var err error = &pipeline.PanicError{Value: "runtime.Goexit called by the task"}
	defer func() {
		s.mark.answered()
		ctx.stop()
		s.mu.Lock()
		s.hand, s.current = 0, nil
		s.mu.Unlock()
		if err == nil && len(value) > s.hello.MaxResult {
			size := binary.AppendUvarint(nil, uint64(len(value)))
			s.out.add(func(b []byte) []byte { return appendFrame(b, frame{frameTooLarge, c.id, size}) })
			return
		}
		s.out.add(func(b []byte) []byte { return appendAnswer(b, c.id, value, err) })
	}()
	if c.body.task < uint64(len(s.hello.Tasks)) {
		name = s.hello.Tasks[c.body.task].Name
	}
	value, err = s.tasks.Run(ctx, pipeline.Call{Task: name, Payload: c.body.input, Ref: c.body.ref})
}

// leave asks the pool for a successor: this worker starts no more calls.
func (s *server) leave() {
	s.mu.Lock()
	s.leaving = true
	s.mu.Unlock()
	s.giveBack()
	s.out.add(func(b []byte) []byte { return appendFrame(b, frame{kind: frameRecycle}) })
	_ = s.out.flush() // remembered, see failed
}
