package robots

import "testing"

// TestDecide holds that the line that decided is named as an editor counts it, whatever the line ends are.
func TestDecide(t *testing.T) {
	t.Parallel()
	rows := []struct {
		file, path string
		want       Decision
		group      string
	}{
		{"User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/x", Decision{false, "Disallow: /a", 2}, "*"},
		{"User-agent: *\nDisallow: /a\nAllow: /a/b\n", "/a/b", Decision{true, "Allow: /a/b", 3}, "*"},
		{"User-agent: *\nDisallow: /a\n", "/", Decision{Allowed: true}, "*"},
		{"\xef\xbb\xbf# none\r\n\r\nUser-agent: *\r\nDisallow: /a\r\n", "/a", Decision{false, "Disallow: /a", 4}, "*"},
		{"# old\r\rUser-agent: *\rDisallow: /a", "/a", Decision{false, "Disallow: /a", 4}, "*"},
		{"User-agent: *\nDisallow: /\n\nUser-agent: foobot/2\nDisallow: /a*z$\n", "/abz", Decision{false, "Disallow: /a*z$", 5}, "foobot"},
		{"User-agent: nobody\nDisallow: /\n", "/a", Decision{Allowed: true}, ""},
		{"", "/a", Decision{Allowed: true}, ""},
	}
	for _, row := range rows {
		r := Parse([]byte(row.file), "FooBot/1.0")
		if got := r.Decide(row.path); got != row.want || r.Group() != row.group {
			t.Errorf("%q of %q: %+v by %q, want %+v by %q", row.path, row.file, got, r.Group(), row.want, row.group)
		}
	}
	if got := ForStatus(503).Decide("/a"); got.Allowed || got.Line != 0 || got.Rule == "" {
		t.Errorf("503: %+v", got)
	}
}
