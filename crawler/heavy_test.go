package crawler

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"tandem/store"
)

func gzipOf(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // a bytes.Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// A small body is unpacked once for all readers; what becomes large, or is not what it says, is left to them.
func TestUnpacked(t *testing.T) {
	t.Parallel()
	small, bomb := "<p>hello", strings.Repeat(" ", 3*heavyBody)
	for _, row := range []struct {
		name, coding string
		body         []byte
		whole        bool   // unpacked answers
		want         string // body afterwards; "" is unchanged
	}{
		{"plain", "", []byte(small), true, ""},
		{"gzip", "gzip", gzipOf(small), true, small},
		{"gzip of large", "gzip", gzipOf(bomb), false, ""},
		{"twice", "gzip, gzip", gzipOf(string(gzipOf(bomb))), false, ""},
		{"broken off", "gzip", gzipOf(small)[:20], true, ""},
		{"not what it says", "gzip", []byte(small), true, ""},
		{"unknown", "zebra", []byte(small), true, ""},
	} {
		msg := &store.Response{Status: 200, Header: []store.HeaderField{{Name: "Content-Type", Value: "text/html"}}, Body: row.body}
		if row.coding != "" {
			msg.Header = append(msg.Header, store.HeaderField{Name: "content-encoding", Value: row.coding})
		}
		if got := unpacked(msg); got != row.whole {
			t.Errorf("%s: %v", row.name, got)
		}
		want, coding := row.want, ""
		if want == "" {
			want, coding = string(row.body), row.coding
		}
		if string(msg.Body) != want || msg.Get("Content-Encoding") != coding || msg.Get("Content-Type") != "text/html" {
			t.Errorf("%s: %.40q, %v", row.name, msg.Body, msg.Header)
		}
	}
}
