package procpool

import (
	"bytes"
	"io"
	"os"
	"sync"
	"time"
)

const (
	tailBytes = 64 << 10 // kept of what a worker prints
	textBytes = 16 << 10 // of it that an error carries
)

// tail keeps the end of what a worker prints.
type tail struct {
	copy io.Writer // may be nil
	done chan struct{}
	file *os.File // what the worker prints to

	mu  sync.Mutex // guards buf
	buf []byte     // up to twice tailBytes
}

func newTail(file *os.File, copy io.Writer) *tail {
	return &tail{copy: copy, file: file, done: make(chan struct{})}
}

// keep reads until the end of the file, or until its read deadline.
func (t *tail) keep() {
	defer close(t.done)
	defer t.file.Close()
	_, _ = io.Copy(t, t.file) // how it ends says nothing new: the process is being reaped
}

// finish waits for the end of the file. A process that left the worker's group may hold it open: not for longer than
// this.
func (t *tail) finish() {
	_ = t.file.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	<-t.done
}

// Write keeps b, and passes it on. It is called by one goroutine.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	t.buf = append(t.buf, b...)
	if len(t.buf) > 2*tailBytes {
		t.buf = append(t.buf[:0], t.buf[len(t.buf)-tailBytes:]...)
	}
	t.mu.Unlock()
	if t.copy != nil {
		_, _ = t.copy.Write(b) // a log that cannot be written is no reason to stop a worker
	}
	return len(b), nil
}

// text returns the end of what was printed; from the Go runtime's last word on where there is one, because the stacks that
// follow may be long.
func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.buf
	for _, word := range []string{"fatal error: ", "panic: ", "runtime: ", "runtime/cgo: "} {
		if i := lastLine(b, word); i >= 0 {
			b = b[i:]
			return string(b[:min(len(b), textBytes)])
		}
	}
	return string(b[max(0, len(b)-textBytes):])
}

// lastLine returns where the last line that begins with the word begins; -1 if there is none.
func lastLine(b []byte, word string) int {
	if i := bytes.LastIndex(b, []byte("\n"+word)); i >= 0 {
		return i + 1
	}
	if bytes.HasPrefix(b, []byte(word)) {
		return 0
	}
	return -1
}

// sharedWriter lets several workers print to one writer.
type sharedWriter struct {
	mu sync.Mutex // guards w
	w  io.Writer
}

func (s *sharedWriter) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(b)
}
