package crawler

import (
	"strings"
	"testing"
)

func TestMaskRequestHead(t *testing.T) {
	t.Parallel()
	id := &identity{veiled: map[string]bool{"x-key": true}}
	plain := []byte("GET /authorization: HTTP/1.1\r\nHost: a\r\nX-Keys: 1\r\n\r\n")
	if got := id.mask(plain); &got[0] != &plain[0] {
		t.Error("a head without secrets was copied")
	}
	head := "GET http://a/ HTTP/1.1\r\nHost: a\r\nPROXY-authorization: Basic s3cret\r\nAccept: */*\r\nX-Key: s3cret\r\nauthorization:s3cret\r\nCookie: a=s3cret; b=s3cret\r\n\r\n"
	want := "GET http://a/ HTTP/1.1\r\nHost: a\r\nPROXY-authorization: ***\r\nAccept: */*\r\nX-Key: ***\r\nauthorization: ***\r\nCookie: ***\r\n\r\n"
	if got := string(id.mask([]byte(head))); got != want {
		t.Errorf("%q", got)
	}
}

// Whatever a job's lists hold, its masked form holds no secret, and the job itself does not change.
func TestMaskedConfig(t *testing.T) {
	t.Parallel()
	cfg := Default()
	cfg.Proxy = "http://u:s3cret@p:1"
	cfg.Headers = []string{"Authorization: s3cret", "Cookie: s3cret", "x-amz-security-token: s3cret", "X-Session-Id: s3cret", "Accept: kept"}
	cfg.Origins = []Origin{{Origin: "http://a.example", User: "u", Password: "s3cret", Bearer: "s3cret", Headers: []string{"X-Staff: s3cret", "Accept: kept", "X-B: env:B"}}}
	m := cfg.Masked()
	text := strings.Join(append(append([]string{m.Proxy, m.Origins[0].Password, m.Origins[0].Bearer}, m.Headers...), m.Origins[0].Headers...), "\n")
	if strings.Contains(text, "s3cret") || strings.Count(text, "kept") != 2 || !strings.Contains(text, "env:B") {
		t.Error(text)
	}
	if cfg.Headers[0] != "Authorization: s3cret" || cfg.Origins[0].Password != "s3cret" || cfg.Origins[0].Headers[0] != "X-Staff: s3cret" || !strings.Contains(cfg.Proxy, "s3cret") {
		t.Error("the job itself was masked")
	}
}
