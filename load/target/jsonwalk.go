package target

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// offsetError is what is wrong with a JSON text, and where.
type offsetError struct {
	offset int
	err    error
}

// Error says what is wrong.
func (e *offsetError) Error() string { return e.err.Error() }

// walkObject goes through the keys of the one JSON object that line holds. wanted is told a key and its offset and says whether each
// is told its value, too. A broken text is an *offsetError, before anything is told; errors of the two functions end the walk.
func walkObject(line []byte, wanted func(key string, offset int) (bool, error), each func(key string, value []byte, offset int) error) error {
	if !json.Valid(line) {
		return broken(line)
	}
	// From here on the text is known to be JSON, so that finding the ends of its parts is all that is left.
	i := blank(line, 0)
	if line[i] != '{' {
		return &offsetError{i, errors.New("want a JSON object, {…}")}
	}
	var seen keys
	for i = blank(line, i+1); line[i] != '}'; i = blank(line, i) {
		if line[i] == ',' {
			i = blank(line, i+1)
		}
		end := valueEnd(line, i)
		key, err := textOf(line[i:end])
		if err != nil {
			return &offsetError{i, err}
		}
		if !seen.add(key) {
			return &offsetError{i, fmt.Errorf("key %q stands here for the second time", key)}
		}
		use, err := wanted(key, i)
		if err != nil {
			return err
		}
		i = blank(line, blank(line, end)+1) // over the colon
		end = valueEnd(line, i)
		if use {
			if err := each(key, line[i:end], i); err != nil {
				return err
			}
		}
		i = end
	}
	return nil
}

// keys are those of one object so far.
type keys struct {
	few  []string
	many map[string]bool // once a search through few would take long
}

// add tells whether key is new.
func (k *keys) add(key string) bool {
	if k.many == nil {
		if slices.Contains(k.few, key) {
			return false
		}
		if k.few = append(k.few, key); len(k.few) == 32 {
			k.many = map[string]bool{}
			for _, one := range k.few {
				k.many[one] = true
			}
		}
		return true
	}
	if k.many[key] {
		return false
	}
	k.many[key] = true
	return true
}

// broken says where a text stops being one JSON value.
func broken(line []byte) error {
	var value json.RawMessage
	err := json.Unmarshal(line, &value)
	se, ok := errors.AsType[*json.SyntaxError](err)
	switch {
	case len(bytes.TrimSpace(line)) == 0:
		return &offsetError{0, errors.New("want a JSON object, {…}")}
	case !ok || int(se.Offset) >= len(line) && se.Error() == "unexpected end of JSON input":
		return &offsetError{len(line), errors.New("broken JSON: the line ends within a value")}
	}
	return &offsetError{max(int(se.Offset)-1, 0), fmt.Errorf("broken JSON: %w", err)}
}

// blank is the offset of the first byte from i on that is no white space.
func blank(line []byte, i int) int {
	for i < len(line) && (line[i] == ' ' || line[i] == '\t' || line[i] == '\r' || line[i] == '\n') {
		i++
	}
	return i
}

// valueEnd is where the value that begins at i ends.
func valueEnd(line []byte, i int) int {
	for depth := 0; i < len(line); i++ {
		switch line[i] {
		case '"':
			for i++; line[i] != '"'; i++ {
				if line[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	return i
}

// textOf reads a JSON text that is known to be valid; it is an error if it is a value of another type.
func textOf(value []byte) (s string, err error) {
	if len(value) < 2 || value[0] != '"' {
		return "", errors.New("want a text")
	}
	inner := value[1 : len(value)-1]
	if !slices.ContainsFunc(inner, func(c byte) bool { return c == '\\' || c >= 0x80 }) {
		return string(inner), nil
	}
	err = json.Unmarshal(value, &s)
	return s, err
}
