// Lesson 08: processes.
//
// # Question
//
// A counter holds 1. First a goroutine adds 1 to it, then a child process does: the same program, started again, with the
// counter's value as its argument. The parent waits for each of them (it joins them). What does its counter hold then?
//
//	a) 3: both added 1
//	b) 2 while the child process runs, 3 after the join, which brings the child's result over
//	c) 2: the child's addition never reaches the parent
//
// # Answer
//
// c. A goroutine shares the memory of its program; a process has memory of its own. The child counts in its own copy,
// and that is gone when the child ends. What a process found out comes back only as bytes: through a pipe, a socket or a
// file, or, if it fits into one byte, as the exit code. The parent itself then decides what to do with it.
//
//	a) is true of two goroutines (with a lock, lesson 04), because they add to the same counter.
//	b) would need somebody to copy memory back. Join only waits, and learns one number: the exit code.
//
// # Common mistake
//
// To wait for the child first and to read its pipe afterwards. A pipe holds 64 KiB on Linux: the child that writes more
// waits for a reader, the parent waits for the child, and both wait for ever. Read to the end first, then join. And
// never leave out the join: the dead child stays in the process table, as a zombie, until its parent has asked for its
// exit code.
//
// # Python
//
//	import multiprocessing, sys, threading
//	counter = 1
//	def add(value, pipe):
//	    global counter
//	    counter = value + 1
//	    pipe.send(counter)
//	    sys.exit(7)
//	if __name__ == "__main__":
//	    here, there = multiprocessing.Pipe()
//	    for kind in (threading.Thread, multiprocessing.Process):
//	        worker = kind(target=add, args=(counter, there))
//	        worker.start()
//	        said, _ = here.recv(), worker.join()  # read first, then join
//	        code = getattr(worker, "exitcode", None)  # a thread has none
//	        print(f"{kind.__name__} says {said}, exit code {code}; the parent's counter holds {counter}")
//
// # In production
//
//	pipeline/procpool/launch.go: os.Pipe()
//	pipeline/procpool/autopsy.go: state.ExitCode()
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

// childCode is the exit code of a child that has counted. Zero means success to everybody else; 7 is told apart here.
const childCode = 7

func main() {
	if len(os.Args) == 3 && os.Args[1] == "child" {
		os.Exit(child(os.Args[2]))
	}
	os.Exit(lesson.Run(source, run))
}

func run() error {
	counter := 1
	fmt.Printf("at first                   the parent's counter holds %d\n", counter)

	joined := make(chan struct{})
	go func() {
		defer close(joined)
		counter++
	}()
	<-joined // the join of a goroutine
	fmt.Printf("a goroutine added 1        the parent's counter holds %d\n", counter)

	said, code, err := start(counter)
	if err != nil {
		return err
	}
	fmt.Printf("a child process added 1    the parent's counter holds %d\n", counter)
	fmt.Printf("\nwhat came back of the child: %q through the pipe, exit code %d\n", said, code)
	if counter != 2 || said != "3" || code != childCode {
		return fmt.Errorf("counter %d, child said %q with exit code %d; want 2, \"3\" and %d", counter, said, code, childCode)
	}
	return nil
}

// start starts this program as a child process, reads what it says and joins it.
func start(counter int) (said string, code int, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", 0, err
	}
	cmd := exec.Command(self, "child", strconv.Itoa(counter)) // the child gets a copy of the value
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return "", 0, err
	}
	if err := cmd.Start(); err != nil {
		return "", 0, fmt.Errorf("start %q: %w", self, err)
	}
	b, readErr := io.ReadAll(pipe) // to the end: the child has closed it
	err = cmd.Wait()               // the join of a process
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		err = nil // any code but 0 is an ExitError; here it is a result
	}
	return string(b), cmd.ProcessState.ExitCode(), errors.Join(readErr, err)
}

// child is what the child process does.
func child(argument string) int {
	counter, err := strconv.Atoi(argument)
	if err != nil {
		return 2
	}
	counter++
	fmt.Print(counter) // stdout is the pipe to the parent
	return childCode
}
