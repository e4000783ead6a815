// Lesson 09: what passing data costs.
//
// # Question
//
// A worker process is to look at a picture of 10 MB. The picture lies in a file, and the parent knows where. How does the
// parent hand it over at the least cost?
//
//	a) it sends the place (path, offset, length), and the worker reads the file itself
//	b) it reads the file and sends the bytes through the pipe: the worker then need not touch the disk
//	c) it sends a pointer: parent and worker are the same program, so the address is valid in both
//
// # Answer
//
// a. By reference: the message is about a hundred bytes however large the picture is, and the picture moves once, from the
// file (mostly from the system's cache of it) to the one who needs it. A worker that needs a part reads only that.
//
//	b) moves it again: the parent reads it, encodes it, writes it into the pipe; the worker reads it there and decodes
//	   it. As JSON it also grows by a third. And while it moves, parent and worker both hold it in memory.
//	c) is how goroutines do it, and why passing costs them next to nothing: they share one memory. In another process
//	   the same address means other bytes, or none.
//
// # Common mistake
//
// To move a loop into a process pool and to send each worker the whole table that it needs one row of. What is sent is
// encoded, copied and decoded for every item; measure that before the speed-up. Python pickles arguments and results.
//
// # Python
//
//	import os, pickle, tempfile, threading, time
//	picture = os.urandom(10_000_000)
//	with tempfile.NamedTemporaryFile() as file:
//	    file.write(picture), file.flush()
//	    for what, thing in (("the bytes", picture), ("the place", (file.name, 0, len(picture)))):
//	        began, message = time.perf_counter(), pickle.dumps(thing)
//	        out, into = os.pipe()
//	        sender = threading.Thread(target=lambda: [os.write(into, message), os.close(into)])
//	        sender.start()
//	        with os.fdopen(out, "rb") as pipe:
//	            received = pickle.loads(pipe.read())
//	        if what == "the place":
//	            with open(received[0], "rb") as there: received = there.read()
//	        sender.join()
//	        print(what, len(message), "bytes through the pipe,", round(1000 * (time.perf_counter() - began), 1), "ms")
//
// # In production
//
//	processor/task.go: The bytes stay where they
//	pipeline/executor.go: so that big inputs need not travel through an executor
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

//go:embed main.go
var source string

func main() {
	if procpool.IsWorker() {
		os.Exit(procpool.Main(context.Background(), tasks()))
	}
	os.Exit(lesson.Run(source, run))
}

// look is what is done with a picture: next to nothing, so that only the passing is measured.
func look(pixels []byte) (int, error) {
	return len(pixels) + int(pixels[0]) + int(pixels[len(pixels)-1]), nil
}

// lookAt reads the picture first.
func lookAt(place pipeline.Ref) (int, error) {
	f, err := os.Open(place.Path)
	if err != nil {
		return 0, err
	}
	defer f.Close() // only read: nothing to lose
	pixels := make([]byte, place.Len)
	if _, err := f.ReadAt(pixels, place.Off); err != nil {
		return 0, fmt.Errorf("read picture %q: %w", place.Path, err)
	}
	return look(pixels)
}

// task is the same task, whatever it is passed: codec turns that into bytes for the pipe, and back.
func task[In any](name string, codec pipeline.Codec[In], see func(In) (int, error)) pipeline.Task[In, int] {
	return pipeline.Task[In, int]{Name: name, In: codec, Out: pipeline.JSON[int](),
		Do: func(_ context.Context, in In, _ *pipeline.Ref) (int, error) { return see(in) }}
}

// The three ways into a process: the bytes as they are, the bytes as text, the place of the bytes.
func byBytes() pipeline.Task[[]byte, int] { return task("bytes", pipeline.Bytes(), look) }
func byJSON() pipeline.Task[[]byte, int]  { return task("json", pipeline.JSON[[]byte](), look) }
func byPlace() pipeline.Task[pipeline.Ref, int] {
	return task("place", pipeline.JSON[pipeline.Ref](), lookAt)
}

func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(byBytes(), byJSON(), byPlace())
	if err != nil {
		panic(err) // three names, all different
	}
	return set
}

func run() (err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "lesson-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	pool, err := procpool.New(ctx, procpool.Config{Tasks: tasks(), Workers: 1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close(ctx)) }()

	fmt.Println("a picture there and a number back, median of five:")
	fmt.Printf("%12s %14s %16s %16s %16s\n", "", "to a goroutine", "to a process", "to a process", "to a process")
	fmt.Printf("%12s %14s %16s %16s %16s\n", "picture", "a pointer", "the bytes", "bytes as JSON", "the place")
	var t [4]time.Duration // of the largest, at the end
	for _, size := range []int{100, 100_000, 10_000_000} {
		if t, err = pass(ctx, pool, dir, size); err != nil {
			return fmt.Errorf("pass %d bytes: %w", size, err)
		}
		fmt.Printf("%10d B %14v %16v %16v %16v\n", size, t[0], t[1], t[2], t[3])
	}
	if pointer, bytes, place := t[0], t[1], t[3]; 10*pointer > bytes || place > bytes {
		return fmt.Errorf("10 MB: the pointer took %v, the bytes %v, the place %v", pointer, bytes, place)
	}
	fmt.Printf("\nat 10 MB the bytes take %.0f times as long as the place, and as JSON %.0f times\n",
		float64(t[1])/float64(t[3]), float64(t[2])/float64(t[3]))
	return nil
}

// pass passes one picture in all four ways, in turns, and returns the medians.
func pass(ctx context.Context, pool pipeline.Executor, dir string, size int) (medians [4]time.Duration, err error) {
	pixels := make([]byte, size)
	path := filepath.Join(dir, "picture")
	if err := os.WriteFile(path, pixels, 0o600); err != nil {
		return medians, err
	}
	place := pipeline.Ref{Path: path, Len: int64(size)}
	ways := [...]func() (int, error){
		func() (int, error) { return toGoroutine(pixels) },
		func() (int, error) { return toProcess(ctx, pool, byBytes(), pixels) },
		func() (int, error) { return toProcess(ctx, pool, byJSON(), pixels) },
		func() (int, error) { return toProcess(ctx, pool, byPlace(), place) },
	}
	var took [len(ways)][]time.Duration
	for range 5 {
		for i, way := range ways {
			began := time.Now()
			_, err := way()
			took[i] = append(took[i], time.Since(began))
			if err != nil {
				return medians, err
			}
		}
	}
	for i := range took {
		slices.Sort(took[i])
		medians[i] = took[i][2].Round(time.Microsecond)
	}
	return medians, nil
}

// toGoroutine passes the slice: 24 bytes that point to the pixels.
func toGoroutine(pixels []byte) (int, error) {
	in, out := make(chan []byte), make(chan int)
	go func() {
		seen, _ := look(<-in)
		out <- seen
	}()
	in <- pixels
	return <-out, nil
}

// toProcess encodes the input, sends it, and decodes what comes back.
func toProcess[In any](ctx context.Context, pool pipeline.Executor, t pipeline.Task[In, int], in In) (int, error) {
	call, err := t.Call(in)
	if err != nil {
		return 0, err
	}
	return t.Result(ctx, pool.Submit(ctx, call))
}
