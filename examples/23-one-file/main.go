// Lesson 23: one file, two processes.
//
// # Question
//
// A file holds a counter, 0. Two processes run the same program: lock a sync.Mutex, read the file, add 1, write the file,
// unlock. Here both have read before either writes. What does the file hold then?
//
//	a) 1: one addition is lost
//	b) 2: the mutex lets only one of them read and write at a time
//	c) 0: the system lets only one process at a time open the file, and both fail
//
// # Answer
//
// a. Processes share no memory: each has a mutex of its own, and nobody else ever asks for it. The lost update of lesson 04
// is back, between processes. They need a lock that both see: flock on a file, which the system gives back when its
// holder dies, however it dies. Where each only adds something at the end, O_APPEND does: the system moves to the end
// and writes as one step, so nobody writes over another's line.
//
//	b) holds for the goroutines of one process, and for nothing else.
//	c) is wrong on Linux: any number of processes may have a file open, and write to it.
//
// # Common mistake
//
// "I write a new file and rename it, that is atomic." It is, and the program here does so: a reader sees the old file or
// the new one, never half of one. But both have read 0, so both rename a 1 into place. And flock binds only those who ask
// for it: a program that writes without asking is not held up. Lock a file that stays, not the one that is replaced.
//
// # Python
//
//	import fcntl, multiprocessing, tempfile, threading
//	mutex = threading.Lock()  # each process has one of its own
//	def add(name, both, flock):
//	    with mutex, open(name, "r+") as f:
//	        flock and fcntl.flock(f, fcntl.LOCK_EX)  # until f is closed
//	        n = int(f.read() or 0)
//	        flock or both.wait()  # without flock, both read before either writes
//	        f.seek(0), f.write(str(n + 1))
//	if __name__ == "__main__":
//	    for flock in False, True:
//	        with tempfile.NamedTemporaryFile() as f:
//	            args = f.name, multiprocessing.Barrier(2), flock
//	            ps = [multiprocessing.Process(target=add, args=args) for _ in range(2)]
//	            [p.start() for p in ps], [p.join() for p in ps]
//	            print("flock:" if flock else "mutex:", open(f.name).read())
//
// # In production
//
//	store/fsx/lock.go: syscall.Flock
//	store/fsx/fs.go: os.O_APPEND
//	store/fsx/writefile.go: fsys.Rename
package main

import (
	"bufio"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() {
	if len(os.Args) == 4 && os.Args[1] == "child" {
		if err := add(os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(lesson.Run(source, run))
}

// run has two processes add 1 to a counter in each of three ways.
func run() error {
	dir, err := os.MkdirTemp("", "one-file-")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer os.RemoveAll(dir)
	fmt.Println("way     first process  second process      counter")
	for _, want := range []struct {
		way, first, second string
		counter            int
	}{{"mutex", "read 0", "read 0", 1}, {"flock", "read 0", "locked out, read 1", 2}, {"append", "open", "open", 2}} {
		got := want
		name := filepath.Join(dir, want.way)
		if got.first, got.second, err = two(want.way, name); err != nil {
			return err
		}
		if got.counter, err = read(name); err != nil {
			return err
		}
		fmt.Printf("%-7s %-14s %-19s %d\n", got.way, got.first, got.second, got.counter)
		if got != want {
			return fmt.Errorf("got %v, want %v", got, want)
		}
	}
	return nil
}

// two starts two processes that add to one file and returns what they said. Each has said how far it has come before
// either of them may write.
func two(way, name string) (first, second string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", "", fmt.Errorf("find own program: %w", err)
	}
	var said [2]string
	var goOn [2]func() error
	for i := range said {
		cmd := exec.Command(self, "child", way, name)
		cmd.Stderr = os.Stderr
		in, err1 := cmd.StdinPipe() // the process waits until this is closed
		out, err2 := cmd.StdoutPipe()
		if err := errors.Join(err1, err2, cmd.Start()); err != nil {
			return "", "", fmt.Errorf("start process %q: %w", way, err)
		}
		answers := bufio.NewReader(out)
		said[i], _ = answers.ReadString('\n') // nothing, if the process has ended; then Wait says why
		goOn[i] = func() error {
			in.Close()
			rest, _ := io.ReadAll(answers)
			said[i] = strings.ReplaceAll(strings.TrimSpace(said[i]+string(rest)), "\n", ", ")
			return cmd.Wait()
		}
	}
	if err := errors.Join(goOn[0](), goOn[1]()); err != nil {
		return "", "", fmt.Errorf("run processes %q: %w", way, err)
	}
	return said[0], said[1], nil
}

// add is what a process does: it adds 1 to the counter in the file. It waits in the middle.
func add(way, name string) error {
	if way == "append" {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		fmt.Println("open")
		wait()
		_, err = f.WriteString("+1\n") // at what is the end by then
		return errors.Join(err, f.Close())
	}
	if way == "flock" {
		lock, err := os.OpenFile(name+".lock", os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		defer lock.Close() // unlocks
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
			fmt.Println("locked out")
			if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil { // waits for the other process
				return err
			}
		}
	}
	var mu sync.Mutex
	mu.Lock() // the other process has a mutex, too: another one
	defer mu.Unlock()
	n, err := read(name)
	if err != nil {
		return err
	}
	fmt.Println("read", n)
	wait()
	temp := fmt.Sprintf("%s.%d", name, os.Getpid())
	return errors.Join(os.WriteFile(temp, fmt.Append(nil, n+1), 0o600), os.Rename(temp, name))
}

// wait returns when the parent closes the pipe, or has ended.
func wait() { _, _ = io.Copy(io.Discard, os.Stdin) }

// read returns the counter: the sum of the lines of the file, 0 if there is none.
func read(name string) (sum int, err error) {
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return 0, fmt.Errorf("read counter: %w", err)
	}
	for line := range strings.FieldsSeq(string(text)) {
		n, err := strconv.Atoi(line)
		if err != nil {
			return 0, fmt.Errorf("read counter %q: %w", name, err)
		}
		sum += n
	}
	return sum, nil
}
