package target

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tandem/internal/units"
)

// openFeed reads a feed by the end of its name.
func openFeed(path string) (*feed, error) {
	var read func(*feed, io.Reader) error
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".csv":
		read = (*feed).readCSV
	case ".jsonl", ".ndjson":
		read = (*feed).readJSONL
	default:
		return nil, fmt.Errorf("open feed %q: it ends in %q; want .csv or .jsonl", path, ext)
	}
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open feed %q: %w", path, cause(err))
	}
	defer in.Close()
	f := &feed{name: path}
	if err := read(f, in); err != nil {
		return nil, err
	}
	if f.rows == 0 {
		return nil, fmt.Errorf("read feed %q: it has no rows", path)
	}
	return f, nil
}

// cause drops the path that os repeats in its errors.
func cause(err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err
	}
	return err
}

// head takes the names of the columns.
func (f *feed) head(names []string) error {
	for i, name := range names {
		name = strings.TrimSpace(name)
		switch {
		case name == "":
			return fmt.Errorf("column %d has no name", i+1)
		case slices.Contains(f.columns, name):
			return fmt.Errorf("two columns are called %q", name)
		case slices.Contains([]string{"seq", "random", "uuid"}, name):
			return fmt.Errorf("column %q: the name is that of a placeholder that is always there (%s)", name, known)
		case strings.ContainsAny(name, "{}|\n"):
			return fmt.Errorf("column %q: { } and | cannot stand in a placeholder", name)
		}
		f.columns = append(f.columns, name)
	}
	f.used = make([]bool, len(f.columns))
	return nil
}

// grow takes a row. size is the sum of all texts so far.
func (f *feed) grow(row []string, size *int64) error {
	for _, cell := range row {
		*size += int64(len(cell))
	}
	if f.rows++; f.rows > maxRows || *size > maxText.Int64() {
		return fmt.Errorf("a feed holds %s rows and %v of text, no more", units.FormatCount(maxRows), maxText)
	}
	f.cells = append(f.cells, row...)
	return nil
}

// readCSV reads RFC 4180 with a header line.
func (f *feed) readCSV(in io.Reader) error {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	p, size := &problems{file: f.name}, int64(0)
	for !p.full() {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		pe, syntax := errors.AsType[*csv.ParseError](err)
		switch {
		case syntax && errors.Is(err, csv.ErrFieldCount):
			p.add(place{pe.StartLine, 1}, fmt.Errorf("%d values for %d columns", len(row), len(f.columns)))
		case syntax:
			p.add(place{pe.Line, pe.Column}, pe.Err)
		case err != nil:
			return fmt.Errorf("read feed %q: %w", f.name, err)
		case f.columns == nil:
			if len(row) > 0 {
				row[0] = strings.TrimPrefix(row[0], "\ufeff")
			}
			if err := f.head(row); err != nil {
				p.add(place{1, 1}, err)
				return p.err()
			}
		default:
			if err := f.grow(row, &size); err != nil {
				line, column := r.FieldPos(0)
				p.add(place{line, column}, err)
				return p.err()
			}
		}
	}
	return p.err()
}
