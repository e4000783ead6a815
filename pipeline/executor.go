package pipeline

import "context"

// Executor runs calls of tasks: one after the other, on goroutines or in processes. All methods are safe for concurrent
// use.
type Executor interface {
	// Submit hands over a call and returns its Future at once, or after waiting while the executor's queue is full.
	// It never returns nil: what goes wrong ends the Future. The context goes with the call: when it is over before
	// the call starts, the Future ends with the context's error; when it is over later, the task's context is.
	Submit(ctx context.Context, c Call) *Future

	// Close takes no more calls (their Futures end with ErrClosed), waits for those that were taken, and releases
	// everything. When ctx is over first, it aborts: waiting calls end with ErrClosed and running ones are cancelled;
	// it then returns an error. Closing again waits for the same end.
	Close(ctx context.Context) error
}

// Windower is implemented by executors that know how many calls must be under way to keep them busy. Map and
// AsCompleted use it.
type Windower interface {
	// Window returns how many calls to have submitted and not yet delivered.
	Window() int
}

// Call is one piece of work: the name of a task and its encoded input.
type Call struct {
	Task    string
	Payload []byte // not to be changed until the Future ends
	Ref     *Ref   // optional; handed to the task as it is
}

// Ref names a stretch of a file that a task reads itself, so that big inputs need not travel through an executor. It is
// opaque here.
type Ref struct {
	Path string
	Off  int64 // bytes
	Len  int64 // bytes
}

const defaultWindow = 64

// window returns how many calls Map and AsCompleted keep under way on ex.
func window(ex Executor) int {
	if w, ok := ex.(Windower); ok {
		return max(1, w.Window())
	}
	return defaultWindow
}
