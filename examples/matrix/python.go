package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed measure.py
var measurePy []byte

// python is a running Python with the same work in it. It answers one request at a time.
type python struct {
	path, script string
	process      *process
	requests     *json.Encoder
	answers      *json.Decoder
	about        interpreter
	took         map[int]time.Duration // to start so many processes
}

// interpreter is what Python says of itself.
type interpreter struct {
	Version        string `json:"version"`
	Implementation string `json:"implementation"`
	GIL            bool   `json:"gil"` // one lock lets one thread at a time run Python
}

// request asks Python to run items.
type request struct {
	Executor string `json:"executor"`
	Width    int    `json:"width"`
	Items    []item `json:"items"`
}

// answer is what came of it.
type answer struct {
	Wall     time.Duration `json:"wall"`
	CPU      time.Duration `json:"cpu"`
	Start    time.Duration `json:"start"`
	Outcomes []outcome     `json:"outcomes"`
}

// startPython starts python3, or returns nil where there is none. The script is a file in dir, because processes that
// are started afresh read it again.
func startPython(ctx context.Context, dir string) (*python, error) {
	path, err := exec.LookPath("python3")
	if err != nil {
		return nil, nil // its rows are left out, and the page says so
	}
	script := filepath.Join(dir, "measure.py")
	if err := os.WriteFile(script, measurePy, 0o600); err != nil {
		return nil, fmt.Errorf("start python: %w", err)
	}
	p := &python{path: path, script: script, took: make(map[int]time.Duration)}
	if p.process, err = child(ctx, path, "-I", "-B", script); err != nil {
		return nil, fmt.Errorf("start python: %w", err)
	}
	p.requests = json.NewEncoder(p.process.stdin)
	p.answers = json.NewDecoder(bufio.NewReader(p.process.stdout))
	if err := p.answers.Decode(&p.about); err != nil {
		return nil, p.failed("start", err)
	}
	return p, nil
}

// run has Python run the items.
func (p *python) run(id string, width int, items []item) (sample, []outcome, error) {
	name := strings.TrimPrefix(id, "python-")
	if err := p.requests.Encode(request{Executor: name, Width: width, Items: items}); err != nil {
		return sample{}, nil, p.failed(name, err)
	}
	var a answer
	if err := p.answers.Decode(&a); err != nil {
		return sample{}, nil, p.failed(name, err)
	}
	if id == pyProcesses {
		p.took[width] = a.Start
	}
	return sample{Wall: a.Wall, CPU: a.CPU}, a.Outcomes, nil
}

// failed ends Python and says why it did not answer: its last words tell more than the broken pipe.
func (p *python) failed(what string, err error) error {
	p.process.kill()
	if closing := p.process.close(); closing != nil && !errors.Is(closing, io.EOF) {
		err = errors.Join(err, closing)
	}
	return fmt.Errorf("python %s: %w", what, err)
}

// close ends Python and its processes.
func (p *python) close() error { return p.process.close() }
