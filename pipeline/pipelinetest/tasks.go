package pipelinetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"

	"tandem/pipeline"
)

// The tasks of the suite, typed. Tasks returns them all.
var (
	echo    = text("echo", func(_ context.Context, in string) (string, error) { return in, nil })
	length  = text("length", func(_ context.Context, in string) (string, error) { return fmt.Sprint(len(in)), nil })
	fails   = text("fails", func(_ context.Context, in string) (string, error) { return "", errors.New(in) })
	panics  = text("panics", func(_ context.Context, in string) (string, error) { panic(in) })
	goexits = text("goexits", func(context.Context, string) (string, error) { runtime.Goexit(); return "", nil })
	hold    = text("hold", holdLine)
	slice   = pipeline.Task[pipeline.Ref, []byte]{Name: "slice", Version: 1,
		In: pipeline.JSON[pipeline.Ref](), Out: pipeline.Bytes(),
		Ref: func(r pipeline.Ref) *pipeline.Ref { return &r }, Do: readRef}

	exits  = text("exits", func(context.Context, string) (string, error) { os.Exit(7); return "", nil })
	killed = text("killed", func(context.Context, string) (string, error) {
		return "", errors.Join(syscall.Kill(os.Getpid(), syscall.SIGKILL), errors.New("still alive"))
	})
	loops  = text("loops", func(context.Context, string) (string, error) { return spin(), nil })
	crashy = text("crashy", func(context.Context, string) (string, error) { go panic("beside the task"); select {} })
	floods = text("floods", func(_ context.Context, in string) (string, error) {
		_, err := os.Stdout.WriteString(strings.Repeat(in, 1<<20/len(in)))
		return in, err
	})
)

// Tasks returns the tasks of the suite, for the workers of an executor under test.
func Tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(echo, length, fails, panics, goexits, hold, slice, exits, killed, loops, crashy, floods)
	if err != nil {
		panic(err) // the names above differ
	}
	return set
}

func text(name string, do func(context.Context, string) (string, error)) pipeline.Task[string, string] {
	return pipeline.Task[string, string]{Name: name, Version: 1, In: pipeline.Text(), Out: pipeline.Text(),
		Do: func(ctx context.Context, in string, _ *pipeline.Ref) (string, error) { return do(ctx, in) }}
}

// holdLine connects to the address that is its input, so that a test knows that it runs, and goes on until the test
// closes the connection or ctx is over.
func holdLine(ctx context.Context, addr string) (string, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	released := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, conn)
		released <- err
	}()
	select {
	case err := <-released:
		return "released", err
	case <-ctx.Done():
		return "", fmt.Errorf("held: %w", ctx.Err())
	}
}

func readRef(_ context.Context, _ pipeline.Ref, r *pipeline.Ref) ([]byte, error) {
	f, err := os.Open(r.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, r.Off, r.Len))
}

func spin() string {
	for n := uint64(1); ; n = n*6364136223846793005 + 1442695040888963407 {
		if n == 0 { // not for a long time
			return "done"
		}
	}
}
