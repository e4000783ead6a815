package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"tandem/store/warc"
)

// foreignFile is a WARC file as other tools write them: URIs in brackets, wrong or no digests, kinds of records we never write.
func foreignFile(t testing.TB, c warc.Compression) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := warc.NewWriter(&out, warc.EncoderConfig{Compression: c})
	mustDo(t, "writer", err)
	write := func(kind, uri, contentType, block string, more ...warc.Field) {
		h := warc.NewHeader(kind, warc.NewID(), time.Date(2020, 5, 6, 7, 8, 9, 0, time.UTC))
		h.Add("WARC-Target-URI", uri)
		h.Add("Content-Type", contentType)
		_, err := w.Write(&warc.Record{Header: append(h, more...), Block: []byte(block)})
		mustDo(t, "write", err)
	}
	write("warcinfo", "", "application/warc-fields", "software: other\r\n")
	write("response", "dns:example.com", "text/dns", "20200506070809\nexample.com. 300 IN A 192.0.2.1\n")
	write("response", "<http://example.com/a>", "application/http; msgtype=response",
		"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
		warc.Field{Name: "WARC-Payload-Digest", Value: "sha1:LIES"})
	write("request", "http://example.com/a", "application/http; msgtype=request", "GET /a HTTP/1.1\r\n\r\n")
	write("resource", "file:///b.txt", "text/plain; charset=utf-8", "resource body")
	write("revisit", "http://example.com/c", "application/http; msgtype=response", "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n",
		warc.Field{Name: "WARC-Payload-Digest", Value: "sha1:KEPT"})
	write("conversion", "http://example.com/d", "text/plain", "text")
	return out.Bytes()
}

func TestScanFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		bytes func() []byte
	}{
		{"x.warc", func() []byte { return foreignFile(t, warc.None) }},
		{"x.warc.gz", func() []byte { return foreignFile(t, warc.Gzip) }},
		{"x.warc.zst", func() []byte { return foreignFile(t, warc.Zstd) }},
		{"whole.warc.zst", func() []byte {
			e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
			mustDo(t, "pack", err)
			return e.EncodeAll(foreignFile(t, warc.None), nil)
		}},
		{"whole.warc.gz", func() []byte {
			var out bytes.Buffer
			gz := gzip.NewWriter(&out)
			_, err := gz.Write(foreignFile(t, warc.None))
			mustDo(t, "pack", err)
			mustDo(t, "pack", gz.Close())
			return out.Bytes()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), tt.name)
			mustDo(t, "write", os.WriteFile(path, tt.bytes(), 0o644))
			var got []string
			for e, err := range ScanFile(path) {
				mustDo(t, "scan", err)
				r, err := ReadResponse(path, e.Offset, e.Length)
				mustDo(t, "read", err)
				got = append(got, fmt.Sprint(e.Type, " ", e.URL, " ", e.Mime, " ", e.Status, " ", e.Timestamp, " ", e.Filename, " ", string(r.Body)))
				if want := warc.Digest(r.Body); e.Type != warc.TypeRevisit && e.Digest != want {
					t.Errorf("digest of %s is %s, want %s", e.URL, e.Digest, want)
				}
				if e.Type == warc.TypeRevisit && e.Digest != "sha1:KEPT" {
					t.Errorf("digest of the revisit is %s", e.Digest)
				}
			}
			want := []string{
				"response http://example.com/a text/html 200 20200506070809 " + tt.name + " abc",
				"resource file:///b.txt text/plain 200 20200506070809 " + tt.name + " resource body",
				"revisit http://example.com/c image/png 200 20200506070809 " + tt.name + " ",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
		})
	}
}

func TestScanFileNamesTheDamageAndGoesOn(t *testing.T) {
	t.Parallel()
	for _, c := range []warc.Compression{warc.Gzip, warc.Zstd} {
		t.Run(string(c), func(t *testing.T) { scanFileNamesTheDamage(t, c) })
	}
}

func scanFileNamesTheDamage(t *testing.T, c warc.Compression) {
	path := filepath.Join(t.TempDir(), "x"+c.Suffix())
	b := foreignFile(t, c)
	var at int64
	mustDo(t, "write", os.WriteFile(path, b, 0o644))
	for e := range ScanFile(path) {
		if e.Type == warc.TypeResource {
			at = e.Offset
		}
	}
	mustDo(t, "write", os.WriteFile(path, flipped(b, at+30), 0o644))
	var kinds []string
	for e, err := range ScanFile(path) {
		var damage *warc.DamageError
		if errors.As(err, &damage) {
			if damage.Offset != at || !strings.Contains(err.Error(), path) {
				t.Errorf("damage %v, want it at %d", err, at)
			}
			kinds = append(kinds, "damage")
			continue
		}
		mustDo(t, "scan", err)
		kinds = append(kinds, e.Type)
	}
	if diff := cmp.Diff([]string{"response", "damage", "revisit"}, kinds); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	for _, err := range ScanFile(path + ".missing") {
		if !errors.Is(err, os.ErrNotExist) {
			t.Errorf("missing file: %v", err)
		}
	}
}
