// Lesson 38: the words of many files.
//
// # Question
//
// The words of sixteen files are to be counted by worker processes, and the counts summed up by the program that
// started them. What should travel between the processes for each file?
//
//	a) nothing: the workers add to one map that all processes share
//	b) the text to the worker, and its counts back
//	c) the name of the file and a range of bytes to the worker, and its counts back
//
// # Answer
//
// c. All processes on a computer see the same files, so a worker can read its file itself. A reference (pipeline.Ref: path,
// offset and length) has about a hundred bytes, however long the text is. The counts are small, too: one number for each
// different word. To count each file by itself and to sum up gives the same as to count everything at once, on any
// executor and in any order of the files: that makes the job fit to be divided.
//
//	a) does not work: each process has its own memory, so each adds to a map of its own, and that is lost when it ends.
//	b) works, and with a few megabytes it matters little. But all of it goes through the program that hands
//	   out: it reads every file, holds the texts, and copies them into pipes, and the workers copy them out again. With
//	   more and larger files, that one program is what all workers wait for.
//
// # Common mistake
//
// To cut one large file into ranges of equal length: a word that lies across a cut is counted as two. Cut at a space, or
// at the end of a line. Or to return a list of all words and to count it at the end: then the workers move text instead
// of computing, and the one at the end has all the work.
//
// # Python
//
//	import collections, os, tempfile
//	from concurrent.futures import ProcessPoolExecutor
//	def count(path):  # runs in the worker, which reads the file itself
//	    with open(path) as file:
//	        return collections.Counter(file.read().split())
//	if __name__ == "__main__":
//	    with tempfile.TemporaryDirectory() as folder:
//	        paths = [os.path.join(folder, f"{n}.txt") for n in range(16)]
//	        for n, path in enumerate(paths):
//	            with open(path, "w") as file:
//	                file.write("the whale and the sea " * 1000 + f"chapter-{n}")
//	        with ProcessPoolExecutor(2) as pool:
//	            total = sum(pool.map(count, paths), collections.Counter())
//	        print(total.most_common(3), len(total), "different words")
//
// # In production
//
//	pipeline/executor.go: type Ref struct
//	processor/task.go: func read(j job, ref pipeline.Ref)
package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

const (
	files    = 16
	fileSize = 256 << 10 // bytes
)

func run() error {
	folder, err := os.MkdirTemp("", "tandem-words-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	paths, err := write(folder)
	if err != nil {
		return fmt.Errorf("write texts: %w", err)
	}
	fmt.Printf("%d files, %d bytes; two workers, their start included\n\n", files, files*fileSize)
	fmt.Printf("executor    input %23s  bytes of input\n", "time")
	var first map[string]int
	for _, row := range []struct{ on, input string }{
		{"serial", "by reference"}, {"goroutines", "by reference"}, {"processes", "by reference"}, {"processes", "by value"},
	} {
		begin := time.Now()
		t, inputs := byReference(), paths
		if row.input == "by value" {
			t = words()
			if inputs, err = texts(paths); err != nil {
				return err
			}
		}
		total, err := count(row.on, t, inputs)
		if err != nil {
			return fmt.Errorf("count words on %s: %w", row.on, err)
		}
		took := time.Since(begin).Milliseconds()
		fmt.Printf("%-10s  %-12s  %12d ms  %14d\n", row.on, row.input, took, len(strings.Join(inputs, "")))
		if first == nil {
			first = total
		}
		if !maps.Equal(total, first) {
			return fmt.Errorf("count words on %s: %v, want %v", row.on, total, first)
		}
	}
	fmt.Printf("\nthe same counts four times: %d different words\n", len(first))
	top := slices.SortedFunc(maps.Keys(first), func(a, b string) int { return cmp.Or(first[b]-first[a], strings.Compare(a, b)) })
	for _, word := range top[:5] {
		fmt.Printf("  %-4s %7d\n", word, first[word])
	}
	return nil
}

// count has the words of every input counted by two workers, and sums up.
func count(on string, t pipeline.Task[string, map[string]int], inputs []string) (total map[string]int, err error) {
	ctx := context.Background()
	ex, err := start(ctx, on)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, ex.Close(ctx)) }()
	total = make(map[string]int)
	for c := range pipeline.AsCompleted(ctx, ex, t, slices.Values(inputs)) {
		if c.Err != nil {
			return nil, c.Err
		}
		for word, n := range c.Out {
			total[word] += n
		}
	}
	return total, nil
}

func start(ctx context.Context, on string) (pipeline.Executor, error) {
	switch on {
	case "serial":
		return pipeline.NewSerial(tasks()), nil
	case "goroutines":
		return pipeline.NewGoroutines(tasks(), 2), nil
	}
	return procpool.New(ctx, procpool.Config{Tasks: tasks(), Workers: 2})
}

// texts reads the files, for those who hand out texts.
func texts(paths []string) (texts []string, err error) {
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(b))
	}
	return texts, nil
}

// words is the task: it counts the words of the range that a reference names or, without one, of its input.
func words() pipeline.Task[string, map[string]int] {
	return pipeline.Task[string, map[string]int]{Name: "words", Version: 1,
		In: pipeline.Text(), Out: pipeline.JSON[map[string]int](),
		Do: func(_ context.Context, text string, ref *pipeline.Ref) (map[string]int, error) {
			if ref != nil {
				b := make([]byte, ref.Len)
				file, err := os.Open(ref.Path)
				if err != nil {
					return nil, err
				}
				defer file.Close()
				if _, err := file.ReadAt(b, ref.Off); err != nil {
					return nil, err
				}
				text = string(b)
			}
			counts := make(map[string]int)
			for word := range strings.FieldsSeq(text) {
				counts[word]++
			}
			return counts, nil
		}}
}

// byReference is the same task, with a reference to the whole file that its input names.
func byReference() pipeline.Task[string, map[string]int] {
	t := words()
	t.Ref = func(path string) *pipeline.Ref { return &pipeline.Ref{Path: path, Len: fileSize} }
	return t
}

// tasks returns what both sides know: the executor and its workers.
func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(words())
	if err != nil {
		panic(err)
	}
	return set
}

// write writes the files. Every second word is "the", every second one of the others "of", and so on.
func write(folder string) (paths []string, err error) {
	often := strings.Fields("the of and to a in that was his it with is")
	for n := range files {
		var text strings.Builder
		for i := uint(1); text.Len() < fileSize-8; i++ {
			if k := bits.TrailingZeros(i); k < len(often) {
				text.WriteString(often[k] + " ")
			} else {
				fmt.Fprintf(&text, "only%d ", n)
			}
		}
		path := filepath.Join(folder, fmt.Sprintf("%d.txt", n))
		if err := os.WriteFile(path, fmt.Appendf(nil, "%-*s", fileSize, text.String()), 0o600); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
