package compare

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// What a histogram of a load result may be. A wider one would only take memory: these cover an hour in microseconds.
const (
	maxText    = 1 << 20           // bytes of base64
	maxHighest = 3_600_000_000     // µs
	maxDigits  = 3                 // significant
	maxTotal   = 1_000_000_000_000 // samples in one slice
	headOffset = 8                 // of the zlib stream in the decoded text: cookie and length
	headLength = 40                // of the inner header
)

// decodeTimes reads an HdrHistogram V2 compressed text. It looks at the geometry before it lets anything be allocated for it. An
// empty text is an empty distribution.
func decodeTimes(text string) (Times, error) {
	if text == "" {
		return nil, nil
	}
	if len(text) > maxText {
		return nil, fmt.Errorf("a histogram of %d bytes: want at most %d", len(text), maxText)
	}
	if err := checkGeometry(text); err != nil {
		return nil, err
	}
	h, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		return nil, err
	}
	if n := h.TotalCount(); n > maxTotal {
		return nil, fmt.Errorf("a histogram with %d samples: want at most %d", n, int64(maxTotal))
	}
	var out Times
	for _, bar := range h.Distribution() {
		if bar.Count > 0 {
			// Recording rounds to whole microseconds: the bucket of 7 holds 6.5 to 7.5.
			out = append(out, Bucket{Low: float64(bar.From) - 0.5, High: float64(bar.To) + 0.5, Count: bar.Count})
		}
	}
	return out, nil
}

// checkGeometry reads the header of a compressed histogram: "HdrHistogram V2", github.com/HdrHistogram/HdrHistogram, encoding cookie
// 0x1c849304 and, inflated, cookie, payload length, offset, digits, lowest, highest, ratio.
func checkGeometry(text string) error {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("a histogram that is no base64: %w", err)
	}
	if len(raw) < headOffset {
		return errors.New("a histogram that ends in its header")
	}
	z, err := zlib.NewReader(bytes.NewReader(raw[headOffset:]))
	if err != nil {
		return fmt.Errorf("a histogram that is not compressed: %w", err)
	}
	head := make([]byte, headLength)
	if _, err := io.ReadFull(z, head); err != nil {
		return fmt.Errorf("a histogram that ends in its header: %w", err)
	}
	digits := binary.BigEndian.Uint32(head[12:])
	highest := binary.BigEndian.Uint64(head[24:])
	if digits > maxDigits || highest > maxHighest {
		return fmt.Errorf("a histogram up to %d with %d digits: want microseconds up to %d with %d", highest, digits, maxHighest, maxDigits)
	}
	return nil
}
