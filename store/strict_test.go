package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nlnwa/gowarc/v2"

	"tandem/store/warc"
)

// TestAStrictReaderTakesEveryRecord reads what Append wrote with somebody else's reader, digests checked. That reader hashes the chunk
// framing with the payload; there, and only there, its payload error is accepted and the digest checked here.
func TestAStrictReaderTakesEveryRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := mustOpen(t, testConfig(dir))
	mustAppend(t, w, page(1))
	body := "hello, chunked world"
	chunked := page(2)
	chunked.Response = []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nf\r\n, chunked world\r\n0\r\n\r\n")
	chunked.HeadLen, chunked.PayloadDigest = 0, ""
	mustAppend(t, w, chunked)
	empty := exchange(3, "", "")
	empty.Mime, empty.Request = "", nil
	mustAppend(t, w, empty)
	mustAppend(t, w, revisitOf(page(4), Position{Segment: "000001.warc.gz"}))
	notModified := revisitOf(page(5), Position{})
	notModified.Revisit.Profile = ServerNotModified
	notModified.Response = []byte("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n")
	notModified.HeadLen = len(notModified.Response)
	mustAppend(t, w, notModified)
	cut := page(6)
	cut.Response = cut.Response[:len(cut.Response)-9]
	cut.Truncated, cut.PayloadDigest, cut.IP = "disconnect", "", "2001:db8::1"
	mustAppend(t, w, cut)
	image := exchange(7, "Content-Type: image/png\r\n", strings.Repeat("\x89PNG\x00\xff", 40_000))
	image.Mime = "image/png"
	mustAppend(t, w, image)
	mustDo(t, "close", w.Close())

	r, err := gowarc.NewWarcFileReader(filepath.Join(dir, "000001.warc.gz"), 0, gowarc.WithStrictValidation(), gowarc.WithAddMissingDigest(false))
	mustDo(t, "open", err)
	defer r.Close()
	kinds := map[string]int{}
	for {
		rec, offset, validation, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil && !acceptedChunked(t, rec, err, body) {
			t.Fatalf("record at %d: %v", offset, err)
		}
		if validation != nil && !validation.Valid() {
			t.Errorf("record at %d: %v", offset, validation)
		}
		kinds[rec.Type().String()]++
		if rec.Type() != gowarc.Revisit && rec.WarcHeader().Get("WARC-Block-Digest") == "" {
			t.Errorf("record at %d has no block digest", offset)
		}
		if err != nil { // the reader stopped inside the record: begin again behind it
			_ = rec.Close()
			r = reopenBehind(t, dir, offset)
			continue
		}
		mustDo(t, "close record", rec.Close())
	}
	want := map[string]int{"warcinfo": 1, "response": 5, "revisit": 2, "request": 6, "metadata": 7}
	for kind, n := range want {
		if kinds[kind] != n {
			t.Errorf("%d %s records, want %d", kinds[kind], kind, n)
		}
	}
}

func acceptedChunked(t *testing.T, rec gowarc.WarcRecord, err error, body string) bool {
	t.Helper()
	block, ok := rec.Block().(gowarc.HttpResponseBlock)
	if !ok || !strings.Contains(err.Error(), "payload: wrong digest") || block.HttpHeader() == nil {
		return false
	}
	raw, rerr := block.RawBytes()
	mustDo(t, "raw bytes", rerr)
	b, rerr := io.ReadAll(raw)
	mustDo(t, "raw bytes", rerr)
	parsed, rerr := ParseResponse(b)
	mustDo(t, "parse", rerr)
	sum := sha256.Sum256([]byte(body))
	return parsed.Get("Transfer-Encoding") == "chunked" && string(parsed.Body) == body &&
		rec.WarcHeader().Get("WARC-Payload-Digest") == "sha256:"+hex.EncodeToString(sum[:])
}

// reopenBehind goes on behind the record at offset.
func reopenBehind(t *testing.T, dir string, offset int64) *gowarc.WarcFileReader {
	t.Helper()
	path := filepath.Join(dir, "000001.warc.gz")
	for e, err := range ScanFile(path) {
		mustDo(t, "scan", err)
		if e.Offset == offset {
			r, err := gowarc.NewWarcFileReader(path, e.Offset+e.Length, gowarc.WithStrictValidation(), gowarc.WithAddMissingDigest(false))
			mustDo(t, "open", err)
			return r
		}
	}
	t.Fatal(fmt.Sprintf("no %s record at %d", warc.TypeResponse, offset))
	return nil
}
