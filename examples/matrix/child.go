package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// process is a child of this program that leads a process group, so that it ends together with what it started.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.Reader
	stderr *head

	once  sync.Once
	ended error // of close
}

// child starts a program. It is killed, with its group, when ctx is over. Whoever reads its standard output reads to the
// end, or closes it first.
func child(ctx context.Context, name string, args ...string) (*process, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	ownGroup(cmd)
	cmd.WaitDelay = 5 * time.Second
	p := &process{cmd: cmd, stderr: &head{}}
	cmd.Stderr = p.stderr
	var err error
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if p.stdout, err = cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return p, nil
}

// kill ends the child and its group.
func (p *process) kill() {
	_ = p.cmd.Cancel() // it may have ended by itself
}

// close lets the child end by itself and waits for it; a child that does not is killed. Closing again returns the same.
func (p *process) close() error {
	p.once.Do(func() {
		grace := time.AfterFunc(10*time.Second, p.kill)
		defer grace.Stop()
		p.stdin.Close() // the child's to miss
		_, _ = io.Copy(io.Discard, p.stdout)
		if err := p.cmd.Wait(); err != nil {
			p.ended = fmt.Errorf("child %q: %w: %s", strings.Join(p.cmd.Args[1:], " "), err, gist(p.stderr.String()))
		}
	})
	return p.ended
}

// headBytes is how much of what a child prints is kept.
const headBytes = 16 << 10

// head keeps the beginning of what is written to it. Only exec's one goroutine writes, and it has ended when Wait returns.
type head struct{ strings.Builder }

// Write implements io.Writer; it never fails.
func (h *head) Write(b []byte) (int, error) {
	h.Builder.Write(b[:min(len(b), headBytes-h.Len())])
	return len(b), nil
}

// gist returns the line that tells most of what a dying program printed: the last one of a Python traceback, and the first
// one otherwise.
func gist(text string) string {
	text = strings.TrimSpace(text)
	first, _, _ := strings.Cut(text, "\n")
	if strings.HasPrefix(first, "Traceback") {
		return text[strings.LastIndexByte(text, '\n')+1:]
	}
	return first
}
