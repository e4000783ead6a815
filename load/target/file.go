package target

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/units"
)

// parser reads the targets of a file into a builder.
type parser struct {
	*lines
	problems
	b      *builder
	bodies map[string][]byte // files that were read
}

// targets is the set of a targets file.
func (c *Config) targets(f *feed) (*Set, error) {
	in, name := c.Stdin, "standard input"
	if c.Targets != "-" {
		file, err := os.Open(c.Targets)
		if err != nil {
			return nil, fmt.Errorf("open targets %q: %w", c.Targets, cause(err))
		}
		defer file.Close()
		in, name = file, c.Targets
	}
	b, err := c.builder(f)
	if err != nil {
		return nil, err
	}
	p := &parser{lines: newLines(name, in), b: b, bodies: map[string][]byte{}}
	p.file = name
	if err := p.read(c.TargetsFormat); err != nil {
		return nil, err
	}
	return b.finish(), nil
}

// read reads the whole file.
func (p *parser) read(format string) error {
	var err error
	if format == "" || format == "auto" {
		if format, err = p.detect(); err != nil {
			return err
		}
	}
	switch format {
	case "json":
		err = p.readJSON(vegetaKeys())
	case "jsonl":
		err = p.readJSON(ownKeys())
	default:
		err = p.readHTTP()
	}
	switch {
	case err != nil:
		return errors.Join(append(slices.Clone(p.list), err)...)
	case len(p.list) > 0:
		return p.err()
	case len(p.b.set.targets) == 0:
		return fmt.Errorf("read targets %q: there is no target in it", p.file)
	}
	return nil
}

// detect looks at the first line that says something.
func (p *parser) detect() (string, error) {
	for {
		line, err := p.next()
		if errors.Is(err, io.EOF) {
			return "http", nil
		}
		if err != nil {
			return "", err
		}
		text := bytes.TrimSpace(line)
		if len(text) == 0 || text[0] == '#' {
			continue
		}
		p.again()
		if text[0] != '{' {
			return "http", nil
		}
		return p.detectJSON(line)
	}
}

// detectJSON tells vegeta's objects from ours by the keys of the first one: body is base64 in the former and text in the latter, so one
// that could be both is refused.
func (p *parser) detectJSON(line []byte) (string, error) {
	keys := map[string]bool{}
	// A broken line is reported when it is read.
	_ = walkObject(line, func(key string, _ int) (bool, error) { keys[key] = true; return true, nil }, func(string, []byte, int) error { return nil })
	for key := range keys {
		if slices.Contains([]string{"headers", "weight", "name", "check", "body_base64", "body_file"}, key) {
			return "jsonl", nil
		}
	}
	switch {
	case keys["header"]:
		return "json", nil
	case keys["body"]:
		return "", fmt.Errorf("%s:%d:1: body is base64 in vegeta's JSON and text in JSONL, and nothing else here tells which; want --targets-format json or jsonl", p.file, p.n)
	}
	return "jsonl", nil
}

// places are where the parts of a target stand.
type places struct {
	method, url, body place
	header            []place
}

// of is where a fault is.
func (at *places) of(f *fault) place {
	switch f.part {
	case partMethod:
		if at.method.line > 0 {
			return at.method
		}
	case partHeader:
		if f.index >= 0 && f.index < len(at.header) {
			return at.header[f.index]
		}
	case partBody:
		return at.body
	}
	return at.url
}

// add gives a target to the builder. The error ends the reading.
func (p *parser) add(s *spec, at *places) error {
	s.named = true
	if rest, value := takeUserinfo(s.url); value != "" {
		s.url = rest
		if !slices.ContainsFunc(s.header, func(h [2]string) bool { return strings.EqualFold(h[0], "Authorization") }) {
			s.header = append(s.header, [2]string{"Authorization", value})
		}
	}
	err := p.b.add(s)
	if f, ok := errors.AsType[*fault](err); ok {
		where := at.of(f)
		where.column += f.offset
		p.problems.add(where, f.err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s:%d:%d: %w", p.file, at.url.line, at.url.column, err)
	}
	return nil
}

// bodyFile reads a body from a file, once.
func (p *parser) bodyFile(path string) ([]byte, error) {
	if b, known := p.bodies[path]; known {
		return b, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open body %q: %w", path, cause(err))
	}
	defer f.Close()
	left := maxText.Int64() - p.b.size
	b, err := io.ReadAll(io.LimitReader(f, left+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read body %q: %w", path, cause(err))
	case int64(len(b)) > left:
		return nil, fmt.Errorf("read body %q: more than %v of URLs, headers and bodies: a set holds no more", path, maxText)
	}
	p.b.size += int64(len(b))
	p.bodies[path] = b
	return b, nil
}

// parseWeight reads a weight.
func parseWeight(text string) (float64, error) {
	w, err := strconv.ParseFloat(text, 64)
	if err != nil || !(w > 0) || w > maxWeight {
		return 0, fmt.Errorf("weight %s: want a number above 0, up to %s", printable(text), units.FormatCount(int64(maxWeight)))
	}
	return w, nil
}
