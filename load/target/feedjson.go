package target

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// readJSONL reads one object a line; the keys of the first are the columns. Values are texts, numbers, true and false.
func (f *feed) readJSONL(in io.Reader) error {
	l, p, size := newLines(f.name, in), &problems{file: f.name}, int64(0)
	for !p.full() {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		names, row, err := cells(line)
		if err == nil {
			err = f.takeRow(names, row, &size)
		}
		at := place{l.n, 1}
		if o, ok := errors.AsType[*offsetError](err); ok {
			at.column, err = o.offset+1, o.err
		}
		if err != nil {
			p.add(at, err)
			if f.columns == nil || f.rows > maxRows || size > maxText.Int64() {
				return p.err()
			}
		}
	}
	return p.err()
}

// takeRow puts a row's values in the order of the columns.
func (f *feed) takeRow(names, row []string, size *int64) error {
	if f.columns == nil {
		if len(names) == 0 {
			return errors.New("an object without keys")
		}
		if err := f.head(names); err != nil {
			return err
		}
	}
	ordered := make([]string, len(f.columns))
	for i, column := range f.columns {
		at := slices.Index(names, column)
		if at < 0 {
			return fmt.Errorf("no key %q, which the first object has", column)
		}
		ordered[i] = row[at]
	}
	if len(names) > len(f.columns) {
		return fmt.Errorf("%d keys; the first object has %d", len(names), len(f.columns))
	}
	return f.grow(ordered, size)
}

// cells takes an object apart.
func cells(line []byte) (names, row []string, err error) {
	err = walkObject(line, func(string, int) (bool, error) { return true, nil }, func(key string, value []byte, offset int) error {
		names = append(names, key)
		switch value[0] {
		case '"':
			s, err := textOf(value)
			if err != nil {
				return &offsetError{offset, err}
			}
			row = append(row, s)
		case '{', '[', 'n':
			return &offsetError{offset, fmt.Errorf("key %q: want a text, a number, true or false", key)}
		default:
			row = append(row, string(value))
		}
		return nil
	})
	return names, row, err
}
