// Lesson 16: background work at the end of a program.
//
// # Question
//
// A program starts a goroutine that saves a file in the background. Then main has nothing left to do, while the goroutine
// is not finished yet. What becomes of the file?
//
//	a) it is saved: a program ends when all of its goroutines have ended
//	b) it is saved if main defers the join, however the program ends
//	c) it is not saved, unless main joins the goroutine before it returns
//
// # Answer
//
// c. When main returns, the program ends, and all goroutines end with it, in the middle of whatever they do. None of them
// is told, and none of their deferred calls run. Who starts background work has to join it, or hand out something that
// does: a Close, a stop function.
//
//	a) is so in Python, where the interpreter waits for threads that are not daemons, and in Java. In Go every goroutine
//	   is a daemon. In Python daemon=True gives the same as here.
//	b) Deferred calls run when main returns or panics. os.Exit and log.Fatal end the program at once and run none.
//
// # Common mistake
//
// To write logs, files or statistics in the background and to lose the last of them at every exit. It is never seen in
// long runs, and always missed when a program ends early. To end with a short sleep only makes it rarer.
//
// # Python
//
//	import subprocess, sys
//	program = """
//	import threading, time
//	def save():
//	    time.sleep(0.3)
//	    print("saved", end="")
//	thread = threading.Thread(target=save, daemon={})
//	thread.start()
//	{}
//	"""
//	for daemon, end in (True, "pass"), (False, "pass"), (True, "thread.join()"):
//	    code = program.format(daemon, end)
//	    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
//	    print(f"daemon={daemon}, {end}:", out or "lost")
//
// # In production
//
//	internal/report/poll.go: (stop func())
//	internal/cli/signals.go: wait.Wait()
package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

// childEnv makes this program the child, and says how it ends.
const childEnv = "LESSON16_END"

// content is what the child is to save.
const content = "the file"

func main() {
	if end := os.Getenv(childEnv); end != "" {
		child(end, os.Args[1])
		return
	}
	os.Exit(lesson.Run(source, run))
}

// child is the program of the question: the main function and its background work, which saves what comes on standard
// input.
func child(end, file string) {
	var background sync.WaitGroup
	background.Go(func() {
		all, err := io.ReadAll(os.Stdin)
		if err == nil {
			err = os.WriteFile(file, all, 0o600)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "save file:", err)
		}
	})
	fmt.Println("main has nothing left to do")
	switch end {
	case "return":
	case "exit":
		defer background.Wait()
		os.Exit(0)
	case "join":
		defer background.Wait()
	}
}

func run() error {
	dir, err := os.MkdirTemp("", "lesson16-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, c := range []struct {
		end, says, want string
	}{
		{"return", "main returns", "lost"},
		{"exit", "main defers the join, then calls os.Exit", "lost"},
		{"join", "main defers the join, then returns", "saved"},
	} {
		file := filepath.Join(dir, c.end)
		if err := start(c.end, file); err != nil {
			return err
		}
		got := "lost"
		if saved, err := os.ReadFile(file); err == nil && string(saved) == content {
			got = "saved"
		}
		fmt.Printf("%-42s file %s\n", c.says+":", got)
		if got != c.want {
			return fmt.Errorf("%s: file %s, want %s", c.says, got, c.want)
		}
	}
	return nil
}

// start runs the child to its end. The work in its background is slower than its main: the content that it waits for
// comes when main has nothing left to do.
func start(end, file string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, exe, file)
	cmd.Env = append(os.Environ(), childEnv+"="+end)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	_, err = bufio.NewReader(out).ReadString('\n')
	if err == nil && end == "join" {
		_, err = io.WriteString(in, content)
		err = errors.Join(err, in.Close())
	} // else nothing comes before the child has ended by itself: it did not wait for its work
	return errors.Join(err, cmd.Wait())
}
