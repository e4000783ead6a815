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
// offset and length) stays short, however long the text is. The counts are small, too: one number for each different
// word. To count each file by itself and to sum up gives the same as to count everything at once, on any executor and in
// any order of the files: that makes the job fit to be divided.
//
//	a) does not work: each process has its own memory, so each adds to a map of its own, and that is lost when it ends.
//	b) works, and with a few megabytes it matters little. But all of it goes through the program that hands out: it
//	   reads every file and copies it into a pipe, and the worker copies it out again. With more and larger files, that
//	   one program is what all workers wait for.
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
//	        paths = [os.path.join(folder, f"{n:02}.txt") for n in range(16)]
//	        for n, path in enumerate(paths):
//	            with open(path, "w") as file:
//	                file.write("the whale and the sea " * 1000 + f"chapter-{n:02}")
//	        with ProcessPoolExecutor(2) as pool:
//	            total = sum(pool.map(count, paths), collections.Counter())
//	        print(len(total), "different words;", total["the"], total["whale"], total["chapter-07"])
//
// # In production
//
//	pipeline/executor.go: type Ref struct
//	processor/task.go: func read(j job, ref pipeline.Ref)
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
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
	sentence = "the whale and the sea "
	fileSize = 10_000*len(sentence) + len("chapter-00")
)

// run counts the words of the same files in four ways, which differ in time and in what is handed out.
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
	fmt.Printf("%d files of %d bytes; two workers, their start included\n\n", files, fileSize)
	fmt.Println("executor    input             time  bytes handed out")
	var first map[string]int
	for _, row := range []struct{ on, input string }{
		{"serial", "by reference"}, {"goroutines", "by reference"}, {"processes", "by reference"}, {"processes", "by value"},
	} {
		begin := time.Now()
		t, inputs := words(), paths
		if row.input == "by reference" {
			t.Ref = wholeFile
		} else if inputs, err = texts(paths); err != nil {
			return err
		}
		total, err := count(row.on, t, inputs)
		if err != nil {
			return fmt.Errorf("count words on %s: %w", row.on, err)
		}
		took := time.Since(begin).Milliseconds()
		fmt.Printf("%-10s  %-12s  %5d ms  %16d\n", row.on, row.input, took, len(strings.Join(inputs, "")))
		if first == nil {
			first = total
		} else if !maps.Equal(total, first) {
			return fmt.Errorf("count words on %s: %v, want %v", row.on, total, first)
		}
	}
	if the := 2 * files * (fileSize / len(sentence)); first["the"] != the {
		return fmt.Errorf("count words: %d times \"the\", want %d", first["the"], the)
	}
	fmt.Printf("\nthe same counts four times: %d different words\n", len(first))
	for _, word := range []string{"the", "whale", "chapter-07"} {
		fmt.Printf("  %-10s %7d\n", word, first[word])
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

// start starts an executor with two workers; serial has none.
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
				b, err := os.ReadFile(ref.Path)
				if err != nil {
					return nil, err
				}
				text = string(b[ref.Off : ref.Off+ref.Len]) // here the whole file
			}
			counts := make(map[string]int)
			for word := range strings.FieldsSeq(text) {
				counts[word]++
			}
			return counts, nil
		}}
}

// wholeFile returns a reference to a file.
func wholeFile(path string) *pipeline.Ref { return &pipeline.Ref{Path: path, Len: int64(fileSize)} }

// tasks returns what both sides know: the executor and its workers.
func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(words())
	if err != nil {
		panic(err)
	}
	return set
}

// write writes the files: all the same but for their last word.
func write(folder string) (paths []string, err error) {
	for n := range files {
		path := filepath.Join(folder, fmt.Sprintf("%02d.txt", n))
		text := strings.Repeat(sentence, fileSize/len(sentence)) + fmt.Sprintf("chapter-%02d", n)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}
