package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlnwa/gowarc/v2"

	"tandem/store"
	"tandem/store/fsx"
	"tandem/store/warc"
)

// TestEveryRecordIsStrictlyValid gives the segments of a crawl and of a recrawl
// to somebody else's reader, which checks the rules of WARC and all digests.
func TestEveryRecordIsStrictlyValid(t *testing.T) {
	t.Parallel()
	for _, validators := range []bool{true, false} { // 304s, or the same bytes again
		opt := everything(120)
		opt.NoValidators, opt.Chunked, opt.Gzip = !validators, 40, 40
		s, url := synthetic(t, opt)
		dir := t.TempDir()
		fetch(t, 0, gentle(dir, url)...)
		fetch(t, 0, gentle(dir, url)...)
		segments, err := store.ReadManifest(fsx.OS(), filepath.Join(dir, "archive"))
		if err != nil {
			t.Fatal(err)
		}
		kinds := make(map[string]int)
		for _, seg := range segments {
			before := total(kinds)
			strictly(t, filepath.Join(dir, "archive", seg.Segment), kinds)
			if n := total(kinds) - before; n != seg.Records {
				t.Errorf("%s has %d records, the manifest says %d", seg.Segment, n, seg.Records)
			}
		}
		t.Logf("%v", kinds)
		urls := 0
		for _, a := range s.Truth() {
			if !a.Private {
				urls++
			}
		}
		if got := kinds["response"] + kinds["revisit"]; got != 2*urls || kinds["request"] != 2*urls || kinds["metadata"] != 2*urls {
			t.Errorf("records %v, want %d responses and revisits, as many requests and metadata", kinds, 2*urls)
		}
		for _, kind := range []string{"warcinfo", "revisit", "chunked", "gzip", "redirect", "404"} {
			if kinds[kind] == 0 {
				t.Errorf("no %s record was tried", kind)
			}
		}
	}
}

// total counts the records of all types.
func total(kinds map[string]int) int {
	return kinds["warcinfo"] + kinds["response"] + kinds["revisit"] + kinds["request"] + kinds["metadata"]
}

// strictly reads one file to its end and counts what it meets. The reader
// takes the framing of a chunked body for its payload: there, and only there,
// its objection to the digest is checked here instead.
func strictly(t *testing.T, path string, kinds map[string]int) {
	t.Helper()
	behind := make(map[int64]int64) // where the record after a response begins
	for e, err := range store.ScanFile(path) {
		if err != nil {
			t.Fatal(err)
		}
		behind[e.Offset] = e.Offset + e.Length
	}
	r := strictReader(t, path, 0)
	defer func() { _ = r.Close() }()
	for {
		rec, offset, validation, err := r.Next()
		if err == io.EOF {
			return
		}
		chunked := false
		if err != nil {
			if chunked = isChunked(t, rec, err); !chunked {
				t.Fatalf("%s at %d: %v", path, offset, err)
			}
		}
		if validation != nil && !validation.Valid() {
			t.Errorf("%s at %d: %v", path, offset, validation)
		}
		kinds[rec.Type().String()]++
		if chunked { // the reader stopped inside the record: begin again behind it
			kinds["chunked"]++
			_ = r.Close()
			r = strictReader(t, path, behind[offset])
			continue
		}
		countResponse(t, rec, kinds)
		if err := rec.Close(); err != nil {
			t.Fatalf("%s at %d: %v", path, offset, err)
		}
	}
}

func strictReader(t *testing.T, path string, offset int64) *gowarc.WarcFileReader {
	t.Helper()
	r, err := gowarc.NewWarcFileReader(path, offset, gowarc.WithStrictValidation(), gowarc.WithAddMissingDigest(false))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// isChunked accepts the reader's one known error, if the digest is that of the
// body without its framing as net/http sees it.
func isChunked(t *testing.T, rec gowarc.WarcRecord, err error) bool {
	t.Helper()
	if rec == nil || !strings.Contains(err.Error(), "payload: wrong digest") {
		return false
	}
	resp := httpResponse(t, rec)
	if resp == nil || len(resp.TransferEncoding) == 0 || resp.TransferEncoding[0] != "chunked" {
		return false
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil && rec.WarcHeader().Get("WARC-Truncated") == "" {
		t.Errorf("body of %s: %v", rec.WarcHeader().Get("WARC-Target-URI"), err)
	}
	sum := sha256.Sum256(body)
	return rec.WarcHeader().Get("WARC-Payload-Digest") == "sha256:"+hex.EncodeToString(sum[:])
}

// httpResponse parses the block of a response record with net/http.
func httpResponse(t *testing.T, rec gowarc.WarcRecord) *http.Response {
	t.Helper()
	block, ok := rec.Block().(gowarc.HttpResponseBlock)
	if !ok {
		return nil
	}
	raw, err := block.RawBytes()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(raw)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(b)), nil)
	if err != nil {
		t.Fatalf("response of %s: %v", rec.WarcHeader().Get("WARC-Target-URI"), err)
	}
	return resp
}

func countResponse(t *testing.T, rec gowarc.WarcRecord, kinds map[string]int) {
	t.Helper()
	block, ok := rec.Block().(gowarc.HttpResponseBlock)
	if !ok || rec.Type().String() != warc.TypeResponse {
		return
	}
	switch status := block.HttpStatusCode(); {
	case status >= 300 && status < 400:
		kinds["redirect"]++
	case status == http.StatusNotFound:
		kinds["404"]++
	}
	if h := block.HttpHeader(); h != nil && h.Get("Content-Encoding") == "gzip" { // it has none where the head is odd
		kinds["gzip"]++
	}
}
