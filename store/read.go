package store

import (
	"fmt"
	"os"
	"strings"

	"tandem/store/warc"
)

// ReadResponse reads the record at an entry's offset and length out of a segment or another WARC file and parses the HTTP response in
// it. A length of 0 stands for "to the record's end"; see warc.Position for negative ones. Of a revisit record there is only the head. A
// resource record comes as status 200 with its Content-Type. Blocks over 1 GiB are refused. The record's own WARC-Truncated makes the response Truncated.
func ReadResponse(path string, offset, length int64) (*Response, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read response: %w", err)
	}
	defer f.Close()
	rec, err := warc.ReadAt(f, warc.Position{Offset: offset, Length: length}, warc.Limits{MaxBlock: maxResponse})
	if err != nil {
		return nil, fmt.Errorf("read response in %q: %w", path, err)
	}
	r, err := responseOf(rec)
	if err != nil {
		return nil, fmt.Errorf("read response in %q at %d: %w", path, offset, err)
	}
	return r, nil
}

func responseOf(rec *warc.Record) (*Response, error) {
	cut := rec.Header.Get("WARC-Truncated") != ""
	switch kind := rec.Type(); kind {
	case warc.TypeResource:
		media := strings.TrimSpace(rec.Header.Get("Content-Type"))
		return &Response{Status: 200, Header: []HeaderField{{"Content-Type", media}}, Body: rec.Block, Truncated: cut}, nil
	case warc.TypeResponse:
		r, err := ParseResponse(rec.Block)
		if err == nil {
			r.Truncated = r.Truncated || cut
		}
		return r, err
	case warc.TypeRevisit:
		r, err := ParseResponse(rec.Block)
		if err == nil {
			r.Body, r.Truncated = nil, false
		}
		return r, err
	default:
		return nil, fmt.Errorf("%w in a %.40q record", ErrNotHTTP, kind)
	}
}
