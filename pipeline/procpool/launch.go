package procpool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// launcher starts processes from one goroutine locked to its thread, which lives as long as the pool: the kernel sends
// the parent-death signal when the *thread* that started a process ends, and Go ends threads as it likes.
type launcher struct {
	requests chan launch
	done     chan struct{}
	once     sync.Once
}

type launch struct {
	path  string
	argv  []string
	attr  *os.ProcAttr
	reply chan launched
}

type launched struct {
	proc *os.Process
	err  error
}

func newLauncher() *launcher {
	l := &launcher{requests: make(chan launch), done: make(chan struct{})}
	go l.run() // waited for by close
	return l
}

func (l *launcher) run() {
	defer close(l.done)
	runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
	for r := range l.requests {
		proc, err := os.StartProcess(r.path, r.argv, r.attr)
		r.reply <- launched{proc, err}
	}
}

func (l *launcher) start(path string, argv []string, attr *os.ProcAttr) (*os.Process, error) {
	reply := make(chan launched)
	l.requests <- launch{path, argv, attr, reply}
	r := <-reply
	return r.proc, r.err
}

// close ends the thread. Every process it started must have been reaped.
func (l *launcher) close() {
	l.once.Do(func() { close(l.requests) })
	<-l.done
}

// killedError is why a worker did not get ready when a signal killed it that may have come from anywhere: that is no
// fault of its program.
type killedError struct{ error }

func (e *killedError) Unwrap() error { return e.error }

// start starts a worker and waits until it is ready.
func (p *Pool) start(ctx context.Context) (*worker, error) {
	path, argv, err := p.cfg.command()
	if err == nil && !strings.ContainsRune(path, os.PathSeparator) {
		path, err = exec.LookPath(path)
	}
	if err != nil {
		return nil, fmt.Errorf("start worker: %w", err)
	}
	w, err := p.spawn(path, argv)
	if err != nil {
		return nil, fmt.Errorf("start worker %q: %w", path, err)
	}
	if err := w.handshake(ctx); err != nil {
		died := isEnd(err) && w.isDead() // before the pool kills what is left of it
		state := w.discard()
		text := w.printed.text()
		if text != "" {
			text = ": " + text
		}
		err = fmt.Errorf("start worker %q: %w (%v%s)", path, err, state, text)
		if died && isStray(endSignal(state)) {
			err = &killedError{err}
		}
		return nil, err
	}
	p.cfg.Logger.Debug("worker started", "worker", w.pid, "limits", w.limits)
	return w, nil
}

// pipes are both ends of what connects a worker.
type pipes struct {
	requestR, requestW, resultR, resultW, printR, printW, mark, null *os.File
}

func (p *pipes) open() (err error) {
	if p.null, err = os.Open(os.DevNull); err != nil {
		return err
	}
	if p.mark, err = newMarkFile(); err != nil {
		return err
	}
	if p.requestR, p.requestW, err = os.Pipe(); err != nil {
		return err
	}
	if p.resultR, p.resultW, err = os.Pipe(); err != nil {
		return err
	}
	widen(p.requestW)
	widen(p.resultW)
	p.printR, p.printW, err = os.Pipe()
	return err
}

const pipeBytes = 256 << 10

// widen gives the pipe a larger buffer than the usual 64 KiB, where the system can: fewer turns for large calls.
func widen(pipe *os.File) {
	if raw, err := pipe.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { setPipeBuffer(fd, pipeBytes) })
	}
}

func closeFiles(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			f.Close() // pipes and an unnamed file: nothing to lose
		}
	}
}

// spawn starts the process of a worker.
func (p *Pool) spawn(path string, argv []string) (*worker, error) {
	var io pipes
	if err := io.open(); err != nil {
		closeFiles(io.requestR, io.requestW, io.resultR, io.resultW, io.printR, io.printW, io.mark, io.null)
		return nil, err
	}
	defer closeFiles(io.requestR, io.resultW, io.printW, io.mark, io.null)
	m, err := mapMark(io.mark.Fd())
	if err != nil {
		closeFiles(io.requestW, io.resultR, io.printR)
		return nil, err
	}
	proc, err := p.launcher.start(path, argv, &os.ProcAttr{
		Env:   p.environment(),
		Files: []*os.File{io.null, io.printW, io.printW, io.requestR, io.resultW, io.mark},
		Sys:   workerAttr(),
	})
	if err != nil {
		closeFiles(io.requestW, io.resultR, io.printR)
		return nil, errors.Join(err, m.unmap())
	}
	w := &worker{
		pool: p, proc: proc, pid: proc.Pid, mark: m, requests: io.requestW, results: io.resultR,
		printed: newTail(io.printR, p.cfg.Output), inflight: make(map[uint64]*job), depth: 1,
		inherited: peakMemory(os.Getpid()), born: time.Now(),
	}
	w.wake.L = &p.mu
	w.frames = newFrameReader(w.results, max(p.cfg.MaxResult, maxHandshake)+frameSlack)
	go w.printed.keep() // waited for by reap
	return w, nil
}

// environment returns the worker's, each variable once: where one comes twice, programs take the first.
func (p *Pool) environment() []string {
	all := append(append([]string{"GOMAXPROCS=1"}, os.Environ()...), p.cfg.Env...)
	seen := make(map[string]bool)
	var env []string
	for _, s := range slices.Backward(append(all, workerEnv+"=1")) {
		if name, _, _ := strings.Cut(s, "="); !seen[name] {
			seen[name] = true
			env = append(env, s)
		}
	}
	slices.Reverse(env)
	return env
}

// handshake says hello and waits for ready.
func (w *worker) handshake(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, w.pool.cfg.StartTimeout,
		fmt.Errorf("not ready after %v", w.pool.cfg.StartTimeout))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		_ = w.requests.SetWriteDeadline(time.Now())
		_ = w.results.SetReadDeadline(time.Now())
	})()
	cfg := w.pool.cfg
	h := hello{Protocol: protocolVersion, Tasks: cfg.Tasks.Specs(), Memory: cfg.Memory,
		Timeout: int64(cfg.ItemTimeout), Sandbox: cfg.Sandbox, MaxResult: cfg.MaxResult, MaxCall: cfg.MaxCall}
	b, err := jsonFrame(frameHello, h)
	if err != nil {
		return err
	}
	_, err = w.requests.Write(b)
	var f frame
	if err == nil || errors.Is(err, syscall.EPIPE) {
		f, err = w.frames.next()
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("it ended without a ready frame; does it call procpool.Serve? %w", err)
	case f.kind != frameReady:
		return fmt.Errorf("%w: type %d instead of ready", errFrame, f.kind)
	}
	var r ready
	if err := json.Unmarshal(f.body, &r); err != nil {
		return fmt.Errorf("read ready: %w", err)
	}
	if err := h.check(r.Protocol, r.Tasks); err != nil {
		return err
	}
	if r.Error != "" {
		return errors.New(r.Error)
	}
	w.limits = r.Limits
	w.mark.base = time.Now()
	return nil
}
