package target

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// offsetError is what is wrong with a JSON text, and where.
type offsetError struct {
	offset int
	err    error
}

// Error says what is wrong.
func (e *offsetError) Error() string { return e.err.Error() }

// walkObject goes through the keys of the one JSON object that line holds. wanted is told a key and its offset and says whether each is told
// its value, too. A broken text is an *offsetError; errors of the two functions end the walk.
func walkObject(line []byte, wanted func(key string, offset int) (bool, error), each func(key string, value []byte, offset int) error) error {
	dec := json.NewDecoder(bytes.NewReader(line))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return &offsetError{indent(line), errors.New("want a JSON object, {…}")}
	}
	seen := map[string]bool{}
	for dec.More() {
		offset := skip(line, int(dec.InputOffset()))
		t, err := dec.Token()
		key, isText := t.(string)
		if err != nil || !isText {
			return broken(line, offset, err)
		}
		if seen[key] {
			return &offsetError{offset, fmt.Errorf("key %q stands here for the second time", key)}
		}
		seen[key] = true
		use, err := wanted(key, offset)
		if err != nil {
			return err
		}
		offset = skip(line, int(dec.InputOffset()))
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return broken(line, offset, err)
		}
		if use {
			if err := each(key, value, offset); err != nil {
				return err
			}
		}
	}
	end := skip(line, int(dec.InputOffset()))
	if _, err := dec.Token(); err != nil {
		return broken(line, end, err)
	}
	end = skip(line, int(dec.InputOffset()))
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return &offsetError{end, errors.New("more than one JSON object in the line")}
	}
	return nil
}

// skip is the offset of the next token from i on.
func skip(line []byte, i int) int {
	for i < len(line) && bytes.IndexByte([]byte(" \t\r\n,:"), line[i]) >= 0 {
		i++
	}
	return i
}

// broken says near where a JSON text breaks: a decoder that hands out tokens counts no bytes within a broken one.
func broken(line []byte, offset int, err error) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &offsetError{len(line), errors.New("broken JSON: the line ends within the object")}
	}
	return &offsetError{offset, fmt.Errorf("broken JSON: %w", err)}
}
