package warc

import (
	"bytes"
	"fmt"
	"io"
)

// Writer writes groups of records to a stream. Not safe for concurrent use.
type Writer struct {
	w       io.Writer
	encoder *Encoder
	buffer  bytes.Buffer
	offset  int64
	err     error
}

// maxKept is the largest buffer that is kept for the next group.
const maxKept = 4 << 20

// NewWriter returns a Writer to w that takes w's present position as offset 0.
func NewWriter(w io.Writer, cfg EncoderConfig) (*Writer, error) {
	e, err := NewEncoder(cfg)
	if err != nil {
		return nil, err
	}
	return &Writer{w: w, encoder: e}, nil
}

// Write writes the records with one call of the stream's Write and returns where each of them is. After a failed write the stream
// may end in part of a record: the Writer keeps the error and writes no more.
func (w *Writer) Write(records ...*Record) ([]Position, error) {
	if w.err != nil {
		return nil, w.err
	}
	if w.buffer.Reset(); w.buffer.Cap() > maxKept {
		w.buffer = bytes.Buffer{}
	}
	positions := make([]Position, 0, len(records))
	for _, r := range records {
		at := w.offset + int64(w.buffer.Len())
		n, err := w.encoder.Encode(&w.buffer, r)
		if err != nil {
			return nil, err
		}
		positions = append(positions, Position{Offset: at, Length: int64(n)})
	}
	n, err := w.w.Write(w.buffer.Bytes())
	w.offset += int64(n)
	if err != nil {
		w.err = fmt.Errorf("write records at %d: %w", w.offset, err)
		return nil, w.err
	}
	return positions, nil
}
