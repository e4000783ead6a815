// Command bare is a worker and nothing else: the least that a program with a worker pool links. The benchmarks start it.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

func main() {
	tasks, err := pipeline.NewTaskSet(
		pipeline.Task[[]byte, []byte]{Name: "echo", Version: 1, In: pipeline.Bytes(), Out: pipeline.Bytes(), Do: echo},
		pipeline.Task[[]byte, int]{Name: "length", Version: 1, In: pipeline.Bytes(), Out: pipeline.JSON[int](), Do: length},
		pipeline.Task[[]byte, int]{Name: "stretch", Version: 1, In: pipeline.Bytes(), Out: pipeline.JSON[int](), Do: stretch},
		pipeline.Task[[]byte, int]{Name: "stretch-new", Version: 1, In: pipeline.Bytes(), Out: pipeline.JSON[int](), Do: stretchNew},
		pipeline.Task[string, string]{Name: "pid", Version: 1, In: pipeline.Text(), Out: pipeline.Text(), Do: pid},
		pipeline.Task[[2]int, int]{Name: "spin", Version: 1, In: pipeline.JSON[[2]int](), Out: pipeline.JSON[int](), Do: spin},
	)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(procpool.Main(context.Background(), tasks))
}

func echo(_ context.Context, in []byte, _ *pipeline.Ref) ([]byte, error) { return in, nil }

func length(_ context.Context, in []byte, _ *pipeline.Ref) (int, error) { return len(in), nil }

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// stretch reads what its reference names into a buffer that it keeps for the next one, and returns how much that was.
func stretch(_ context.Context, _ []byte, ref *pipeline.Ref) (int, error) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = slices.Grow((*buf)[:0], int(ref.Len))[:ref.Len]
	return read(ref, *buf)
}

// stretchNew does the same with a new buffer each time.
func stretchNew(_ context.Context, _ []byte, ref *pipeline.Ref) (int, error) {
	return read(ref, make([]byte, ref.Len))
}

func read(ref *pipeline.Ref, buf []byte) (int, error) {
	f, err := os.Open(ref.Path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	return f.ReadAt(buf, ref.Off)
}

func pid(context.Context, string, *pipeline.Ref) (string, error) {
	return strconv.Itoa(os.Getpid()), nil
}

var spun uint64 // so that spin is really computed

// spin computes as many steps as the second number says, and returns the first.
func spin(_ context.Context, in [2]int, _ *pipeline.Ref) (int, error) {
	n := uint64(in[0])
	for range in[1] {
		n = n*6364136223846793005 + 1442695040888963407
	}
	spun = n
	return in[0], nil
}
