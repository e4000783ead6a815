package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tandem/crawler"
	"tandem/crawler/weburl"
	"tandem/internal/units"
)

// urlList is what a get fetches, and what in its list was no URL.
type urlList struct {
	// entries hold the lines that are no URL too: the crawler counts those as
	// invalid_url and fetches the rest.
	entries []crawler.Entry
	invalid int
	// problems are the first few of the invalid lines, "line 7: …".
	problems []string
}

const maxProblems = 5

// listSource says where a list is and how it is read.
type listSource struct {
	name   string // "-" is standard input
	format string // auto, text, csv or jsonl
	column string // holds the URL in CSV and JSONL
	named  bool   // the user named the column: the list has columns
}

// read reads the list. It fails if nothing in it is a URL.
func (s listSource) read(stdin io.Reader) (*urlList, error) {
	l, err := s.readAny(stdin)
	if err == nil {
		err = l.check()
	}
	if err != nil {
		return nil, fmt.Errorf("read list %q: %w", s.name, err)
	}
	return l, nil
}

func (s listSource) readAny(in io.Reader) (*urlList, error) {
	if s.name != "-" {
		f, err := os.Open(s.name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	r := decodeText(bufio.NewReaderSize(in, 64<<10))
	format := s.format
	if format == "auto" {
		format = s.sniff(r)
	}
	l, lines := &urlList{}, &lineReader{r: r}
	switch format {
	case "text":
		return l, l.readText(lines)
	case "csv":
		return l, l.readCSV(lines, s.column)
	case "jsonl":
		return l, l.readJSONL(lines, s.column)
	}
	return nil, fmt.Errorf("list format %q: want auto, text, csv or jsonl", s.format)
}

// sniff guesses the format from the name, else from the first line.
func (s listSource) sniff(r *bufio.Reader) string {
	switch strings.ToLower(filepath.Ext(s.name)) {
	case ".csv", ".tsv":
		return "csv"
	case ".jsonl", ".ndjson":
		return "jsonl"
	}
	head, _ := r.Peek(16 << 10) // a short list gives less
	line := firstLine(head)
	switch {
	case strings.HasPrefix(line, "{"):
		return "jsonl"
	case s.named, hasColumns(line, s.column):
		return "csv"
	}
	return "text"
}

// firstLine is the first line that is neither empty nor a comment.
func firstLine(head []byte) string {
	for line := range bytes.Lines(head) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return string(line)
		}
	}
	return ""
}

// hasColumns reports whether a first line names columns: the URL's among them,
// or several of which the first is no URL.
func hasColumns(line, column string) bool {
	names, at := splitHeader(line, column)
	return at >= 0 || len(names) > 1 && !strings.Contains(line, "://") && !strings.ContainsAny(names[0], "./")
}

// add appends the entry of a line, if it says anything.
func (l *urlList) add(line int, raw string, columns map[string]string) {
	text := unwrap(raw)
	if text == "" {
		return
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text // as a seed on the command line
	}
	if _, err := weburl.Parse(text); err != nil {
		l.problem(line, raw, "%.100q is no URL: %v", raw, cause(err))
		return
	}
	l.entries = append(l.entries, crawler.Entry{URL: text, Columns: columns})
}

// cause is what an error says without repeating the URL.
func cause(err error) error {
	if e, ok := errors.AsType[*weburl.Error](err); ok {
		return e.Err
	}
	return err
}

// unwrap takes a URL out of <…> or "…".
func unwrap(raw string) string {
	text := strings.TrimSpace(raw)
	if n := len(text); n >= 2 && (text[0] == '<' && text[n-1] == '>' || text[0] == '"' && text[n-1] == '"') {
		text = strings.TrimSpace(text[1 : n-1])
	}
	return text
}

// problem notes a line that is no URL; raw is what stands for it in the list,
// and must be none either.
func (l *urlList) problem(line int, raw, format string, args ...any) {
	l.invalid++
	l.entries = append(l.entries, crawler.Entry{URL: raw})
	if len(l.problems) < maxProblems {
		l.problems = append(l.problems, fmt.Sprintf("line %d: %s", line, fmt.Sprintf(format, args...)))
	}
}

// tooLong notes a line over maxListLine.
func (l *urlList) tooLong(line int) {
	l.problem(line, "", "it is longer than %s", units.FormatSize(maxListLine))
}

// check reports a list without one URL.
func (l *urlList) check() error {
	switch {
	case len(l.entries) == 0:
		return errors.New("it names no URL")
	case l.invalid == len(l.entries):
		return fmt.Errorf("it names no URL: %s%s", strings.Join(l.problems, "; "), l.more("; and %s more"))
	}
	return nil
}

// warn prints the problems.
func (l *urlList) warn(w io.Writer, program string) {
	for _, p := range l.problems {
		fmt.Fprintf(w, "%s: warning: %s\n", program, units.Escape(p))
	}
	if rest := l.more("%s more lines of the list are no URL"); rest != "" {
		fmt.Fprintf(w, "%s: warning: %s\n", program, rest)
	}
}

// more says how many problems are not named, or nothing.
func (l *urlList) more(format string) string {
	n := l.invalid - len(l.problems)
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(format, units.FormatCount(int64(n)))
}
