package procpool_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

const peersFile = "testdata/peers.py"

// python is the machine's interpreter.
type python struct {
	path  string // of the interpreter itself: a wrapper would be part of every start
	about string
	why   string // there is none
}

func findPython(ctx context.Context) python {
	path, err := exec.LookPath("python3")
	if err != nil {
		return python{why: "no python3 here"}
	}
	out, err := exec.CommandContext(ctx, path, peersFile, "about").Output()
	interpreter, about, ok := strings.Cut(strings.TrimSpace(string(out)), "\n")
	if err != nil || !ok {
		return python{why: fmt.Sprintf("%s does not run %s: %v", path, peersFile, err)}
	}
	return python{path: interpreter, about: about}
}

func (p python) String() string {
	if p.path == "" {
		return p.why
	}
	return p.about
}

// script is peers.py at work: one line in, one figure out.
type script struct {
	in  io.Writer
	out *bufio.Reader
}

// start runs the script until the benchmark ends; nil where there is no Python.
func (p python) start(b *testing.B, args ...string) *script {
	if p.path == "" {
		return nil
	}
	var complaint strings.Builder
	cmd := exec.Command(p.path, append([]string{peersFile}, args...)...) // ends at the end of its input
	cmd.Stderr = &complaint
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close() // Wait tells what went wrong
		if err := cmd.Wait(); err != nil {
			b.Errorf("%s: %v\n%s", peersFile, err, complaint.String())
		}
	})
	return &script{in, bufio.NewReader(out)}
}

// ask has the script do one round.
func (s *script) ask(what string) (time.Duration, error) {
	if _, err := fmt.Fprintln(s.in, what); err != nil {
		return 0, fmt.Errorf("ask Python: %w", err)
	}
	line, err := s.out.ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("ask Python %q: %w", what, err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
	if err != nil {
		return 0, fmt.Errorf("ask Python %q: %w", what, err)
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// row is a contender that asks the script; format takes the number of items where it has a verb.
func (p python) row(s *script, name, short, format string) contender {
	c := contender{name: "Python " + name, short: short, why: p.why}
	if s == nil {
		return c
	}
	c.run = func(n int) (time.Duration, error) {
		if strings.Contains(format, "%") {
			return s.ask(fmt.Sprintf(format, n))
		}
		return s.ask(format)
	}
	return c
}
