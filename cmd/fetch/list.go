package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"tandem/crawler"
)

// maxListLine caps one line of a list.
const maxListLine = 1 << 20

// readList reads the URLs of a get: a text file with one URL a line, CSV with a
// header line, or JSONL. name "-" is standard input.
func readList(name, format, column string, stdin io.Reader) ([]crawler.Entry, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	r := bufio.NewReaderSize(in, 64<<10)
	if format == "auto" {
		format = sniffList(name, r)
	}
	var entries []crawler.Entry
	var err error
	switch format {
	case "text":
		entries, err = readText(r)
	case "csv":
		entries, err = readCSV(r, column)
	case "jsonl":
		entries, err = readJSONL(r, column)
	default:
		return nil, fmt.Errorf("list format %q: want auto, text, csv or jsonl", format)
	}
	if err != nil {
		return nil, fmt.Errorf("read list %q: %w", name, err)
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("read list %q: it names no URL", name)
	}
	return entries, nil
}

// sniffList guesses a list's format from its name, else from its first line.
func sniffList(name string, r *bufio.Reader) string {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		return "csv"
	case ".jsonl", ".ndjson":
		return "jsonl"
	case ".txt":
		return "text"
	}
	head, _ := r.Peek(4096) // a short list gives less
	head = bytes.TrimLeft(bytes.TrimPrefix(head, bom), " \t\r\n")
	line, _, _ := bytes.Cut(head, []byte("\n"))
	switch {
	case bytes.HasPrefix(line, []byte("{")):
		return "jsonl"
	case bytes.IndexByte(line, ',') >= 0 && !bytes.Contains(line, []byte("://")):
		return "csv"
	}
	return "text"
}

var bom = []byte("\xef\xbb\xbf")

func readText(r io.Reader) ([]crawler.Entry, error) {
	var entries []crawler.Entry
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxListLine)
	for lines.Scan() {
		line := strings.TrimSpace(string(bytes.TrimPrefix(lines.Bytes(), bom)))
		if line == "" || line[0] == '#' {
			continue
		}
		entries = append(entries, crawler.Entry{URL: line})
	}
	return entries, lines.Err()
}

func readCSV(r *bufio.Reader, column string) ([]crawler.Entry, error) {
	if head, _ := r.Peek(len(bom)); bytes.Equal(head, bom) {
		_, _ = r.Discard(len(bom)) // it was just peeked
	}
	rows := csv.NewReader(r)
	rows.FieldsPerRecord = -1
	names, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("header line: %w", err)
	}
	at := -1
	for i, n := range names {
		if strings.EqualFold(strings.TrimSpace(n), column) {
			at = i
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("no column %q among %s; name it with --url-column", column, strings.Join(names, ", "))
	}
	var entries []crawler.Entry
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		if at >= len(row) || strings.TrimSpace(row[at]) == "" {
			continue
		}
		e := crawler.Entry{URL: strings.TrimSpace(row[at])}
		for i, v := range row {
			if i != at && i < len(names) {
				e.Columns = with(e.Columns, names[i], v)
			}
		}
		entries = append(entries, e)
	}
}

func readJSONL(r io.Reader, column string) ([]crawler.Entry, error) {
	var entries []crawler.Entry
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxListLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), bom))
		if len(line) == 0 {
			continue
		}
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		u, ok := row[column].(string)
		if !ok {
			return nil, fmt.Errorf("line %d: no text under %q; name it with --url-column", n, column)
		}
		e := crawler.Entry{URL: strings.TrimSpace(u)}
		for k, v := range row {
			if k != column {
				e.Columns = with(e.Columns, k, plain(v))
			}
		}
		entries = append(entries, e)
	}
	return entries, lines.Err()
}

// plain is a JSON value as a column keeps it: text as it is, the rest as JSON.
func plain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

func with(m map[string]string, k, v string) map[string]string {
	if m == nil {
		m = make(map[string]string)
	}
	m[k] = v
	return m
}
