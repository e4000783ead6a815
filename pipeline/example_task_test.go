package pipeline_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tandem/pipeline"
)

// What is a task, and how does it run?
func ExampleTask() {
	ctx := context.Background()
	type page struct{ Title, Body string }
	count := pipeline.Task[page, int]{
		Name: "words", Version: 3, // to be raised when the same page gives another count
		In: pipeline.JSON[page](), Out: pipeline.JSON[int](),
		Do: func(_ context.Context, p page, _ *pipeline.Ref) (int, error) {
			return len(strings.Fields(p.Title + " " + p.Body)), nil
		},
	}
	call, err := count.Call(page{"Tandem", "two stages, one seam"})
	fmt.Println(call.Task, string(call.Payload), err)
	result, err := count.Run(ctx, call) // what an executor does, wherever it does it
	fmt.Println(string(result), err)
	// Output:
	// words {"Title":"Tandem","Body":"two stages, one seam"} <nil>
	// 5 <nil>
}

// How do I keep large inputs from travelling through an executor?
func ExampleTask_ref() {
	ctx := context.Background()
	path := filepath.Join(os.TempDir(), fmt.Sprintf("segment-%d", os.Getpid()))
	if err := os.WriteFile(path, []byte("first record,second record,third record"), 0o600); err != nil {
		panic(err)
	}
	defer os.Remove(path)

	read := pipeline.Task[pipeline.Ref, string]{
		Name: "read", Version: 1,
		In: pipeline.JSON[pipeline.Ref](), Out: pipeline.Text(),
		Ref: func(r pipeline.Ref) *pipeline.Ref { return &r }, // goes with the call, whatever the payload
		Do: func(_ context.Context, _ pipeline.Ref, ref *pipeline.Ref) (string, error) {
			f, err := os.Open(ref.Path)
			if err != nil {
				return "", err
			}
			defer f.Close()
			b, err := io.ReadAll(io.NewSectionReader(f, ref.Off, ref.Len))
			return string(b), err
		},
	}
	set, err := pipeline.NewTaskSet(read)
	if err != nil {
		panic(err)
	}
	ex := pipeline.NewGoroutines(set, 1)
	defer ex.Close(ctx)
	call, err := read.Call(pipeline.Ref{Path: path, Off: 13, Len: 13})
	if err != nil {
		panic(err)
	}
	fmt.Println(read.Result(ctx, ex.Submit(ctx, call)))
	// Output: second record <nil>
}

// How do I tell an executor what it can run?
func ExampleTaskSet() {
	set, err := pipeline.NewTaskSet(upper)
	if err != nil {
		panic(err)
	}
	var specs []pipeline.TaskSpec = set.Specs() // what two sides compare before they work together
	fmt.Println(specs, set.Has("upper"))
	fmt.Println(set.Check(pipeline.Call{Task: "lower"}))

	_, err = pipeline.NewTaskSet(upper, upper)
	fmt.Println(err)
	// Output:
	// [{upper 1}] true
	// run task "lower": unknown task
	// task set: task "upper" comes twice
}

// plain is a Runnable that is not a Task: it takes and gives bytes as they are.
type plain struct{}

func (plain) Spec() pipeline.TaskSpec { return pipeline.TaskSpec{Name: "plain", Version: 1} }

func (plain) Run(_ context.Context, c pipeline.Call) ([]byte, error) {
	if len(c.Payload) == 0 {
		return nil, pipeline.NewTaskError(c.Task, errors.New("nothing to do"))
	}
	return c.Payload, nil
}

// How do I put something else than a Task into a TaskSet?
func ExampleRunnable() {
	ctx := context.Background()
	var task pipeline.Runnable = plain{}
	set, err := pipeline.NewTaskSet(task, upper)
	if err != nil {
		panic(err)
	}
	b, err := set.Run(ctx, pipeline.Call{Task: task.Spec().Name, Payload: []byte("as it is")})
	fmt.Println(string(b), err)
	_, err = set.Run(ctx, pipeline.Call{Task: "plain"})
	fmt.Println(err)
	// Output:
	// as it is <nil>
	// task "plain": nothing to do
}

// How do I tell the error of a task from what else can go wrong?
func ExampleTaskError() {
	ctx := context.Background()
	ex := pipeline.NewSerial(tasks())
	_, err := ex.Submit(ctx, pipeline.Call{Task: "upper"}).Wait(ctx)
	var failed *pipeline.TaskError
	if errors.As(err, &failed) {
		fmt.Printf("%s: %s\n", failed.Task, failed.Msg)
	}
	_, err = ex.Submit(ctx, pipeline.Call{Task: "lower"}).Wait(ctx)
	fmt.Println(errors.As(err, &failed), errors.Is(err, pipeline.ErrUnknownTask))
	// Output:
	// upper: nothing to raise
	// false true
}

// What becomes of a task that panics?
func ExamplePanicError() {
	ctx := context.Background()
	first := pipeline.Task[string, string]{
		Name: "first", In: pipeline.Text(), Out: pipeline.Text(),
		Do: func(_ context.Context, in string, _ *pipeline.Ref) (string, error) { return in[:1], nil },
	}
	set, err := pipeline.NewTaskSet(first)
	if err != nil {
		panic(err)
	}
	ex := pipeline.NewGoroutines(set, 1)
	defer ex.Close(ctx)
	_, err = ex.Submit(ctx, pipeline.Call{Task: "first"}).Wait(ctx)
	var panicked *pipeline.PanicError
	if errors.As(err, &panicked) {
		fmt.Println(panicked)
		fmt.Println("its stack is known:", strings.Contains(panicked.Stack, "ExamplePanicError"))
	}
	b, err := ex.Submit(ctx, pipeline.Call{Task: "first", Payload: []byte("next")}).Wait(ctx)
	fmt.Println(string(b), err) // the executor goes on
	// Output:
	// task "first": panic: runtime error: slice bounds out of range [:1] with length 0
	// its stack is known: true
	// n <nil>
}

// How do values become bytes?
func ExampleCodec() {
	text, bytes, json := pipeline.Text(), pipeline.Bytes(), pipeline.JSON[[]int]()
	a, _ := text.Append(nil, "as it is")
	b, _ := bytes.Append([]byte("behind what is there, "), []byte("also as it is"))
	c, _ := json.Append(nil, []int{1, 2})
	fmt.Printf("%s\n%s\n%s\n", a, b, c)
	v, err := json.Decode(c)
	fmt.Println(v, err)
	// Output:
	// as it is
	// behind what is there, also as it is
	// [1,2]
	// [1 2] <nil>
}

// How do I write a codec of my own?
func ExampleCodec_own() {
	varint := pipeline.Codec[int64]{
		Append: func(dst []byte, v int64) ([]byte, error) { return binary.AppendVarint(dst, v), nil },
		Decode: func(b []byte) (int64, error) {
			v, n := binary.Varint(b)
			if n != len(b) || n == 0 {
				return 0, errors.New("not one varint")
			}
			return v, nil
		},
	}
	b, err := varint.Append(nil, -300)
	fmt.Println(len(b), "bytes", err)
	fmt.Println(varint.Decode(b))
	fmt.Println(varint.Decode(nil))
	// Output:
	// 2 bytes <nil>
	// -300 <nil>
	// 0 not one varint
}
