package weburl

import (
	"errors"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	t.Parallel()
	rows := []struct {
		base, raw  string
		href, bare string
		err        error
	}{
		{"", "HTTP://Example.org:80/a/../b?c#d", "http://example.org/b?c", "http://example.org/b?c", nil},
		{"https://example.org/a/b", "../c", "https://example.org/c", "https://example.org/c", nil},
		{"", "http://user:p%40ss@example.org/^?^#f", "http://user:p%40ss@example.org/%5E?^", "http://example.org/%5E?^", ErrCredentials},
		{"", "http://a:b@c@d:2/", "http://a:b%40c@d:2/", "http://d:2/", ErrCredentials},
		{"http://u@example.org/a/b", "c", "http://u@example.org/a/c", "http://example.org/a/c", ErrCredentials},
		{"http://u@example.org/a/b", "http://other.test/", "http://other.test/", "http://other.test/", nil},
		{"about:blank", "http:foo", "http://foo/", "http://foo/", nil},
		{"", "javascript:alert(1)", "javascript:alert(1)", "", ErrScheme},
		{"http://example.org/", "mailto:a@b.c", "mailto:a@b.c", "", ErrScheme},
		{"", "data:text/plain,a#b", "data:text/plain,a", "", ErrScheme},
		{"", "file:///c:/x/../y", "file:///c:/y", "", ErrScheme},
		{"", "page.html", "", "", ErrScheme},
		{"", "", "", "", ErrScheme},
		{"about:blank", "page.html", "", "", ErrInvalid},
		{"", "http://", "", "", ErrInvalid},
		{"", "http://a b/", "", "", ErrInvalid},
		{"", "http://u@-1/", "", "", ErrInvalid},
		{"", "http://u@+1/", "", "", ErrInvalid},
		{"", "http://a.test/" + strings.Repeat("x", MaxLength), "", "", ErrTooLong},
		{"", "data:," + strings.Repeat("x", MaxLength), "", "", ErrScheme},
		{"", "http://" + strings.Repeat("@", MaxLength-20) + "a.test", "", "", ErrTooLong},
	}
	for _, row := range rows {
		r := Read(row.base, row.raw)
		if r.Href != row.href || r.URL.String() != row.bare || !errors.Is(r.Err, row.err) || (r.Err == nil) != (row.err == nil) {
			t.Errorf("%.60q of %q: %+v, want %q, %q, %v", row.raw, row.base, r, row.href, row.bare, row.err)
		}
		if errors.Is(row.err, ErrCredentials) != r.Credentials {
			t.Errorf("%q: credentials %v", row.raw, r.Credentials)
		}
	}
}

// TestReadPlatform measures Read against the web platform tests, where credentials and other bases count.
func TestReadPlatform(t *testing.T) {
	t.Parallel()
	good, all := 0, 0
	for _, c := range wptCases(t) {
		if !c.aboutWeb() {
			continue
		}
		all++
		base := ""
		if c.Base != nil {
			base = *c.Base
		}
		want, _, _ := strings.Cut(c.Href, "#")
		if got := Read(base, c.Input).Href; got == want {
			good++
		} else {
			t.Logf("%q of %q: %q, want %q", c.Input, base, got, want)
		}
	}
	if good*100 < all*99 {
		t.Errorf("%d of %d", good, all)
	}
	t.Logf("%d of %d", good, all)
}

// FuzzRead holds that Read agrees with Parse and Resolve on what they take, and that its URL is canonical.
func FuzzRead(f *testing.F) {
	f.Add("", "http://user@example.org/")
	f.Add("http://a.test/b", "../c?d#e")
	f.Add("about:blank", "https:x")
	f.Fuzz(func(t *testing.T, base, raw string) {
		r := Read(base, raw)
		b, err := Parse(base)
		if err != nil && base != "" {
			return
		}
		u, err := b.Resolve(raw)
		switch {
		case (err == nil) != (r.Err == nil), err == nil && (u != r.URL || r.Href != u.String()):
			t.Errorf("Read %+v, Resolve %v, %v", r, u, err)
		case !r.URL.IsZero() && mustParse(t, r.URL.String()) != r.URL:
			t.Errorf("%v is not canonical", r.URL)
		}
	})
}
