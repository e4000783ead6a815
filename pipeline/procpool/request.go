package procpool

import (
	"io"
	"time"
)

const directBytes = 64 << 10 // an input this large is written without being copied

// endOfTime is beyond every deadline that Unix nanoseconds can tell; a later one is as good as none.
var endOfTime = time.Date(2262, 1, 1, 0, 0, 0, 0, time.UTC)

// sending is what the sender needs of a job.
type sending struct {
	job      *job
	id       uint64
	deadline int64
}

// newSending notes what is to be sent of a job in flight. The caller holds pool.mu.
func newSending(j *job) sending {
	s := sending{job: j, id: j.id}
	if deadline, ok := j.promise.Context().Deadline(); ok && deadline.Before(endOfTime) {
		s.deadline = deadline.UnixNano()
	}
	return s
}

// writer collects request frames and writes many at once.
type writer struct {
	w    io.Writer
	buf  []byte
	meta []byte
	err  error
}

func (o *writer) call(s sending) {
	c := s.job.call
	o.meta = appendCallMeta(o.meta[:0], s.job.task, s.deadline, c.Ref)
	o.buf = appendFrameHead(o.buf, frameCall, s.id, len(o.meta)+len(c.Payload))
	o.buf = append(o.buf, o.meta...)
	if len(c.Payload) < directBytes {
		o.buf = append(o.buf, c.Payload...)
		return
	}
	o.flush()
	o.write(c.Payload)
}

func (o *writer) flush() error {
	o.write(o.buf)
	o.buf = o.buf[:0]
	return o.err
}

func (o *writer) write(b []byte) {
	if o.err == nil && len(b) > 0 {
		_, o.err = o.w.Write(b)
	}
}
