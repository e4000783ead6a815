package transport

import (
	"strings"
	"testing"
)

func TestLine(t *testing.T) {
	t.Parallel()
	if err := DefaultLine().Validate(DefaultRoute()); err != nil {
		t.Error(err)
	}
	for _, row := range []struct {
		line  Line
		route Route
		want  string
	}{
		{Line{UnixSocket: "/s"}, Route{Proxy: "http://127.0.0.1:1"}, "unix-socket and proxy"},
		{Line{UnixSocket: strings.Repeat("s", 104)}, Route{}, "103 bytes"},
		{Line{ServerName: "a b"}, Route{}, "sni"},
		{Line{MaxRedirects: -1}, Route{}, "max-redirects -1"},
		{Line{MaxRedirects: 101}, Route{}, "max-redirects 101"},
	} {
		if err := row.line.Validate(row.route); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%+v: %v", row.line, err)
		}
	}
	cfg := Config{}
	Line{UnixSocket: "/s", ServerName: "n"}.Apply(&cfg)
	if cfg.UnixSocket != "/s" || cfg.ServerName != "n" || !cfg.NoKeepAlive {
		t.Errorf("%+v", cfg)
	}
	if got := (Line{MaxRedirects: 3, Cookies: true}).Session(); got != (SessionConfig{MaxRedirects: 3, Cookies: true}) {
		t.Errorf("%+v", got)
	}
}
