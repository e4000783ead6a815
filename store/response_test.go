package store

import (
	"bytes"
	"compress/flate"
	"errors"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

func TestParseResponse(t *testing.T) {
	t.Parallel()
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, tt := range []struct {
		name, in  string
		status    int
		body      string
		truncated bool
		err       error
	}{
		{name: "plain", in: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello"},
		{name: "bare line feeds", in: "HTTP/1.0 404 Not Found\nA: b\n\nhello", status: 404, body: "hello"},
		{name: "no reason", in: "HTTP/1.1 200\r\n\r\n", status: 200},
		{name: "no header", in: "HTTP/1.1 200 OK\r\n\r\nx", status: 200, body: "x"},
		{name: "half a head", in: "HTTP/1.1 200 OK\r\nA: b\r\n", status: 200, truncated: true},
		{name: "cut by length", in: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", status: 200, body: "hello", truncated: true},
		{name: "not modified has no body", in: "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", status: 304},
		{name: "interim", in: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\n\r\nx", status: 201, body: "x"},
		{name: "chunked", in: chunked + "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nTrailer: x\r\n\r\n", status: 200, body: "hello world"},
		{name: "chunked, bare line feeds", in: chunked + "5\nhello\nA\n0123456789\n0\n\n", status: 200, body: "hello0123456789"},
		{name: "chunked, cut in a chunk", in: chunked + "5\r\nhello\r\n6\r\n wo", status: 200, body: "hello wo", truncated: true},
		{name: "chunked, no last chunk", in: chunked + "5\r\nhello\r\n", status: 200, body: "hello", truncated: true},
		{name: "chunked, bad size", in: chunked + "5\r\nhello\r\n-1\r\nx", status: 200, body: "hello", truncated: true},
		{name: "chunked, huge size", in: chunked + "5\r\nhello\r\nFFFFFFFFFFFFFFFF\r\nx", status: 200, body: "hello", truncated: true},
		{name: "chunked, already taken off", in: chunked + "<html>", status: 200, body: "<html>"},
		{name: "control characters are no digits", in: chunked + "\x15\r\nhello", status: 200, body: "\x15\r\nhello"},
		{name: "not http", in: "SSH-2.0-x\r\n\r\n", err: ErrNotHTTP},
		{name: "bad status", in: "HTTP/1.1 2x0 OK\r\n\r\n", err: ErrNotHTTP},
		{name: "empty", in: "", err: ErrNotHTTP},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := ParseResponse([]byte(tt.in))
			if !errors.Is(err, tt.err) {
				t.Fatalf("error = %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			if r.Status != tt.status || string(r.Body) != tt.body || r.Truncated != tt.truncated {
				t.Errorf("got %d %q truncated %t, want %d %q %t", r.Status, r.Body, r.Truncated, tt.status, tt.body, tt.truncated)
			}
		})
	}
}

func TestResponseHeader(t *testing.T) {
	t.Parallel()
	r, err := ParseResponse([]byte("HTTP/1.1 200 OK\r\nCONTENT-TYPE:  Text/HTML ; charset=x\r\nX-Long: a\r\n\tb\r\nnonsense\r\n: none\r\nX: 1\r\nx: 2\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []HeaderField{{"CONTENT-TYPE", "Text/HTML ; charset=x"}, {"X-Long", "a b"}, {"X", "1"}, {"x", "2"}}
	if diff := cmp.Diff(want, r.Header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	if r.MediaType() != "text/html" || r.Get("x") != "1" || r.Get("missing") != "" {
		t.Errorf("media type %q, x %q", r.MediaType(), r.Get("x"))
	}
}

func encode(t testing.TB, coding string, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var w interface {
		Write([]byte) (int, error)
		Close() error
	}
	switch coding {
	case "gzip", "x-gzip":
		w = gzip.NewWriter(&out)
	case "deflate":
		w = zlib.NewWriter(&out)
	case "raw deflate":
		w, _ = flate.NewWriter(&out, 6)
	case "br":
		w = brotli.NewWriter(&out)
	case "zstd":
		w, _ = zstd.NewWriter(&out, zstd.WithWindowSize(1<<20))
	}
	_, err := w.Write(b)
	mustDo(t, "encode", err)
	mustDo(t, "encode", w.Close())
	return out.Bytes()
}

func coded(header string, body []byte) *Response {
	return &Response{Status: 200, Header: []HeaderField{{"Content-Encoding", header}}, Body: body}
}

func TestDecodeEveryCoding(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Repeat("the same again and a little more ", 500))
	for _, coding := range []string{"gzip", "x-gzip", "deflate", "raw deflate", "br", "zstd"} {
		t.Run(coding, func(t *testing.T) {
			t.Parallel()
			header := strings.TrimPrefix(coding, "raw ")
			packed := encode(t, coding, text)
			got, truncated, err := coded(strings.ToUpper(header), packed).Decode(1 << 20)
			if err != nil || truncated || !bytes.Equal(got, text) {
				t.Errorf("whole: %d bytes, truncated %t, %v", len(got), truncated, err)
			}
			got, truncated, err = coded(header, packed).Decode(1000)
			if err != nil || !truncated || !bytes.Equal(got, text[:1000]) {
				t.Errorf("over max: %d bytes, truncated %t, %v", len(got), truncated, err)
			}
			got, truncated, err = coded(header, packed[:len(packed)-4]).Decode(1 << 20)
			if err != nil || !truncated || !bytes.HasPrefix(text, got) {
				t.Errorf("cut: %d bytes, truncated %t, %v", len(got), truncated, err)
			}
			for n := range 12 {
				if _, truncated, err := coded(header, packed[:n]).Decode(1 << 20); err == nil && !truncated && n > 0 {
					t.Errorf("cut at %d: neither an error nor truncated", n)
				}
			}
			if coding == "raw deflate" || coding == "br" { // take almost anything
				return
			}
			if _, _, err := coded(header, []byte("<html>this is not coded</html>")).Decode(1 << 20); header != "deflate" && !errors.Is(err, ErrCoding) {
				t.Errorf("not coded: error = %v", err)
			}
		})
	}
}

func TestDecodeStacksAndBounds(t *testing.T) {
	t.Parallel()
	text := []byte(strings.Repeat("text ", 100))
	stacked := encode(t, "br", encode(t, "gzip", text))
	if got, _, err := coded("gzip, identity, br", stacked).Decode(1 << 20); err != nil || !bytes.Equal(got, text) {
		t.Errorf("stacked: %q, %v", got, err)
	}
	for _, header := range []string{"gzip,gzip,gzip,gzip", "compress", "sdch, gzip"} {
		if _, _, err := coded(header, stacked).Decode(1 << 20); !errors.Is(err, ErrCoding) {
			t.Errorf("%s: error = %v, want ErrCoding", header, err)
		}
	}
	for _, coding := range []string{"gzip", "br", "zstd"} {
		bomb := encode(t, coding, make([]byte, 64<<20))
		got, truncated, err := coded(coding, bomb).Decode(1 << 40)
		if err != nil || !truncated || int64(len(got)) > int64(len(bomb))*maxRatio+ratioFree {
			t.Errorf("%s bomb of %d bytes: %d bytes, truncated %t, %v", coding, len(bomb), len(got), truncated, err)
		}
	}
	plain := &Response{Body: text, Truncated: true}
	if got, truncated, err := plain.Decode(10); err != nil || !truncated || len(got) != 10 {
		t.Errorf("plain: %q, %t, %v", got, truncated, err)
	}
}

func FuzzParseResponse(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n5\r\nhello\r\n0\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\nContent-Encoding: br, zstd\n a\n\nx"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\nContent-Length: 99\r\n\r\nx"))
	f.Fuzz(func(t *testing.T, block []byte) {
		r, err := ParseResponse(block)
		if err != nil {
			return
		}
		if len(r.Body) > len(block) || r.Status < 0 || r.Status > 999 {
			t.Errorf("status %d, body of %d bytes out of %d", r.Status, len(r.Body), len(block))
		}
		if got, _, err := r.Decode(64 << 10); err == nil && len(got) > 64<<10 {
			t.Errorf("decoded to %d bytes", len(got))
		}
	})
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(Entry{SURT: "com,example)/", Timestamp: "20260102030405", URL: "http://example.com/", Filename: "a.warc.gz", Type: "revisit", RefSegment: "b"}.Line()))
	f.Add([]byte(`com,example)/ 20260102030405 {"url":"http://example.com/","status":"-","length":1,"offset":"2","filename":"x","depth":3}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseLine(b)
		if err != nil {
			return
		}
		again, err := ParseLine([]byte(e.Line()))
		if err != nil {
			t.Fatalf("%q: own line %q: %v", b, e.Line(), err)
		}
		if strings.ContainsAny(e.Line(), "\r\n") {
			t.Errorf("%q: line break in %q", b, e.Line())
		}
		if e.URL == "" || e.Type == "revisit" {
			return
		}
		if again.URL != e.URL || again.Offset != e.Offset || again.Type != e.Type {
			t.Errorf("%+v reads back as %+v", e, again)
		}
	})
}

func TestParseLineRefusesFoldersAndNonsense(t *testing.T) {
	t.Parallel()
	for _, l := range []string{
		"", "a", "a b", "a b c", `a b {"filename":"../x"}`, `a b {"filename":"/etc/passwd"}`, `a b {"filename":".."}`, `a b {}`,
		`a b {"filename":"x","offset":"-1"}`, `a b {"filename":"x","refers_to":{"filename":"../y"}}`, `a b {"filename":"x","offset":"1e3"}`,
	} {
		if e, err := ParseLine([]byte(l)); !errors.Is(err, ErrEntry) {
			t.Errorf("%q: %+v, error %v; want ErrEntry", l, e, err)
		}
	}
}
