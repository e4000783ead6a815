package pipeline

import "encoding/json"

// Codec turns values into bytes and back, so that a task's input and output can cross a process boundary. Every executor
// uses it, also those that would not need to: results are the same everywhere.
type Codec[T any] struct {
	// Append appends the encoding of v to dst.
	Append func(dst []byte, v T) ([]byte, error)
	// Decode reads what Append wrote. It may keep b.
	Decode func(b []byte) (T, error)
}

// JSON encodes values as encoding/json does.
func JSON[T any]() Codec[T] {
	return Codec[T]{
		Append: func(dst []byte, v T) ([]byte, error) {
			b, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			if len(dst) == 0 {
				return b, nil
			}
			return append(dst, b...), nil
		},
		Decode: func(b []byte) (v T, err error) {
			err = json.Unmarshal(b, &v)
			return v, err
		},
	}
}

// Bytes is the codec of byte slices: the bytes themselves. The empty slice decodes to an empty or a nil one.
func Bytes() Codec[[]byte] {
	return Codec[[]byte]{
		Append: func(dst, v []byte) ([]byte, error) { return append(dst, v...), nil },
		Decode: func(b []byte) ([]byte, error) { return b, nil },
	}
}

// Text is the codec of strings: their bytes.
func Text() Codec[string] {
	return Codec[string]{
		Append: func(dst []byte, v string) ([]byte, error) { return append(dst, v...), nil },
		Decode: func(b []byte) (string, error) { return string(b), nil },
	}
}
