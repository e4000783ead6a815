package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readText reads one URL a line; # begins a comment line.
func (l *urlList) readText(lines *lineReader) error {
	for {
		line, err := lines.next()
		switch {
		case errors.Is(err, errLongLine):
			l.tooLong(lines.n)
			continue
		case err != nil:
			return eof(err)
		}
		if text := strings.TrimSpace(string(line)); text != "" && text[0] != '#' {
			l.add(lines.n, text, nil)
		}
	}
}

// eof makes the end of a list no error.
func eof(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// delimiters part the columns of CSV.
var delimiters = [...]rune{',', ';', '\t'}

// splitHeader parts a header line by the delimiter that brings the column
// forth, else by the one that makes the most columns. at is -1 without the
// column.
func splitHeader(line, column string) (names []string, at int) {
	names, at, _ = chooseDelimiter(line, column)
	return names, at
}

func chooseDelimiter(line, column string) (names []string, at int, comma rune) {
	at, comma = -1, ','
	for _, d := range delimiters {
		r := csv.NewReader(strings.NewReader(line))
		r.Comma = d
		row, err := r.Read()
		if err != nil {
			continue
		}
		for i, name := range row {
			if strings.EqualFold(strings.TrimSpace(name), column) {
				return row, i, d
			}
		}
		if len(row) > len(names) {
			names, comma = row, d
		}
	}
	return names, at, comma
}

// readCSV reads rows under a header line.
func (l *urlList) readCSV(lines *lineReader, column string) error {
	header, err := lines.filled()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return fmt.Errorf("header line: %w", err)
	}
	names, at, comma := chooseDelimiter(string(header), column)
	if at < 0 {
		return fmt.Errorf("no column %q among %.200s; name it with --url-column, or give --input text if the list has one URL a line", column, strings.Join(names, ", "))
	}
	rows := rowReader{lines: lines, comma: comma}
	for {
		row, line, err := rows.next()
		switch {
		case errors.Is(err, errLongLine):
			l.tooLong(line)
			continue
		case errors.Is(err, errRow):
			l.problem(line, "", "%v", err)
			continue
		case err != nil:
			return eof(err)
		}
		if at >= len(row) || unwrap(row[at]) == "" {
			if strings.Join(row, "") != "" {
				l.problem(line, "", "no text under %q", names[at])
			}
			continue
		}
		var columns map[string]string
		for i, v := range row {
			if i != at && i < len(names) {
				columns = with(columns, names[i], v)
			}
		}
		l.add(line, row[at], columns)
	}
}

// errRow is a row that is no CSV.
var errRow = errors.New("it is no CSV row")

// rowReader reads the rows of CSV. A cell in quotes may go over several lines; a
// quote that is never closed costs its own line and not the rest of the list.
type rowReader struct {
	lines *lineReader
	comma rune
	buf   bufio.Reader
}

// next returns a row and its first line's number.
func (r *rowReader) next() (row []string, line int, err error) {
	text, err := r.lines.filled()
	line = r.lines.n
	if err != nil {
		return nil, line, err
	}
	row, err = r.parse(text)
	if !errors.Is(err, csv.ErrQuote) {
		return row, line, r.wrap(err)
	}
	whole := bytes.Clone(text)
	mark := r.lines.mark()
	for bytes.Count(whole, []byte(`"`))%2 != 0 { // a quoted cell is open
		more, err := r.lines.next()
		if err != nil || len(whole)+len(more) >= maxListLine {
			break
		}
		whole = append(append(whole, '\n'), more...)
	}
	if row, err = r.parse(whole); err != nil {
		r.lines.rewind(mark)
		return nil, line, r.wrap(err)
	}
	r.lines.forget()
	return row, line, nil
}

func (r *rowReader) wrap(err error) error {
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Errorf("%w: %w", errRow, p.Err)
	}
	return err
}

func (r *rowReader) parse(text []byte) ([]string, error) {
	r.buf.Reset(bytes.NewReader(text))
	rows := csv.NewReader(&r.buf)
	rows.Comma = r.comma
	return rows.Read()
}

// readJSONL reads one JSON object a line.
func (l *urlList) readJSONL(lines *lineReader, column string) error {
	for {
		line, err := lines.next()
		switch {
		case errors.Is(err, errLongLine):
			l.tooLong(lines.n)
			continue
		case err != nil:
			return eof(err)
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		row, err := parseObject(line)
		if err != nil {
			l.problem(lines.n, "", "it is no JSON object: %v", err)
			continue
		}
		u, ok := row[column].(string)
		if !ok {
			l.problem(lines.n, "", "no text under %q; name it with --url-column", column)
			continue
		}
		var columns map[string]string
		for k, v := range row {
			if k != column {
				columns = with(columns, k, plain(v))
			}
		}
		l.add(lines.n, u, columns)
	}
}

// parseObject keeps numbers as they are written.
func parseObject(line []byte) (row map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&row); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("something follows it")
	}
	return row, nil
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
