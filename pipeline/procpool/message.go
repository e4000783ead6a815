package procpool

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"tandem/pipeline"
)

const (
	maxErrorText = 32 << 10 // bytes of an error's or panic's text that cross to the pool
	maxHandshake = 1 << 20
)

// hello is the pool's first message.
type hello struct {
	Protocol  int                 `json:"protocol"`
	Tasks     []pipeline.TaskSpec `json:"tasks"`
	Memory    int64               `json:"memory"`       // bytes, 0 for no limit
	Timeout   int64               `json:"item_timeout"` // nanoseconds, 0 for none
	Sandbox   Sandbox             `json:"sandbox,omitempty"`
	MaxResult int                 `json:"max_result"` // bytes
	MaxCall   int                 `json:"max_call"`   // bytes
}

// ready is the worker's answer.
type ready struct {
	Protocol int                 `json:"protocol"`
	Tasks    []pipeline.TaskSpec `json:"tasks"`
	Limits   []string            `json:"limits"` // really applied, or why not
	Error    string              `json:"error,omitempty"`
}

func jsonFrame(kind frameType, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return appendFrame(nil, frame{kind: kind, body: b}), nil
}

// check says what keeps a worker with these tasks from serving a pool with those.
func (h hello) check(protocol int, tasks []pipeline.TaskSpec) error {
	if h.Protocol != protocol {
		return fmt.Errorf("the pool speaks protocol %d, the worker protocol %d", h.Protocol, protocol)
	}
	versions := make(map[string]int, len(tasks))
	for _, t := range tasks {
		versions[t.Name] = t.Version
	}
	var errs []error
	for _, t := range h.Tasks {
		switch v, ok := versions[t.Name]; {
		case !ok:
			errs = append(errs, fmt.Errorf("task %q: the pool has version %d, the worker does not have it", t.Name, t.Version))
		case v != t.Version:
			errs = append(errs, fmt.Errorf("task %q: the pool has version %d, the worker version %d", t.Name, t.Version, v))
		}
	}
	return errors.Join(errs...)
}

// appendCallMeta appends what stands before the input in a call's payload.
func appendCallMeta(dst []byte, task int, deadline int64, ref *pipeline.Ref) []byte {
	dst = binary.AppendUvarint(dst, uint64(task))
	dst = binary.AppendVarint(dst, deadline)
	if ref == nil {
		return append(dst, 0)
	}
	dst = append(dst, 1)
	dst = binary.AppendUvarint(dst, uint64(len(ref.Path)))
	dst = append(dst, ref.Path...)
	dst = binary.AppendVarint(dst, ref.Off)
	return binary.AppendVarint(dst, ref.Len)
}

// callBody is a decoded call.
type callBody struct {
	task     uint64
	deadline int64
	ref      *pipeline.Ref
	input    []byte
}

func parseCall(b []byte) (callBody, error) {
	p := parser{b: b}
	c := callBody{task: p.uvarint(), deadline: p.varint()}
	switch p.byte() {
	case 0:
	case 1:
		c.ref = &pipeline.Ref{Path: string(p.bytes(p.uvarint())), Off: p.varint(), Len: p.varint()}
	default:
		p.bad = true
	}
	if p.bad {
		return callBody{}, fmt.Errorf("%w: call of %d bytes", errFrame, len(b))
	}
	c.input = p.b
	return c, nil
}

// appendAnswer appends the frame that answers a call with a task's result or error.
func appendAnswer(dst []byte, id uint64, value []byte, err error) []byte {
	var pe *pipeline.PanicError
	switch {
	case err == nil:
		return append(appendFrameHead(dst, frameResult, id, len(value)), value...)
	case errors.As(err, &pe):
		text, stack := clip(pe.Value), clip(pe.Stack)
		body := binary.AppendUvarint(nil, uint64(len(text)))
		body = append(append(body, text...), stack...)
		return appendFrame(dst, frame{framePanicked, id, body})
	}
	cause, text := byte(0), err.Error()
	var te *pipeline.TaskError
	if errors.As(err, &te) {
		text = te.Msg
	}
	switch {
	case errors.Is(err, context.Canceled):
		cause = 1
	case errors.Is(err, context.DeadlineExceeded):
		cause = 2
	}
	return appendFrame(dst, frame{frameFailed, id, append([]byte{cause}, clip(text)...)})
}

// parseAnswer returns what the frame says about a call of the task; bad is set when the frame breaks the protocol.
func parseAnswer(f frame, task string, limit int) (value []byte, err, bad error) {
	p := parser{b: f.body}
	switch f.kind {
	case frameResult:
		return f.body, nil, nil
	case frameFailed:
		te := &pipeline.TaskError{Task: task}
		switch p.byte() {
		case 0:
		case 1:
			te.Cause = context.Canceled
		case 2:
			te.Cause = context.DeadlineExceeded
		default:
			p.bad = true
		}
		te.Msg, err = string(p.b), te
	case framePanicked:
		err = &pipeline.PanicError{Task: task, Value: string(p.bytes(p.uvarint())), Stack: string(p.b)}
	case frameTooLarge:
		err = fmt.Errorf("task %q: result of %d bytes, limit %d: %w", task, p.uvarint(), limit, ErrTooLarge)
	default:
		p.bad = true
	}
	if p.bad {
		return nil, nil, fmt.Errorf("%w: type %d of %d bytes", errFrame, f.kind, len(f.body))
	}
	return nil, err, nil
}

func clip(s string) string {
	if len(s) > maxErrorText {
		return s[:maxErrorText] + " […]"
	}
	return s
}

// parser takes a payload apart. After something missing, bad is set and everything is zero.
type parser struct {
	b   []byte
	bad bool
}

func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	return parsed(p, v, n)
}

func (p *parser) varint() int64 {
	v, n := binary.Varint(p.b)
	return parsed(p, v, n)
}

func parsed[T any](p *parser, v T, n int) T {
	if n <= 0 {
		p.bad, p.b = true, nil
		var none T
		return none
	}
	p.b = p.b[n:]
	return v
}

func (p *parser) byte() byte {
	if b := p.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (p *parser) bytes(n uint64) []byte {
	if n > uint64(len(p.b)) {
		p.bad, p.b = true, nil
		return nil
	}
	b := p.b[:n]
	p.b = p.b[n:]
	return b
}
