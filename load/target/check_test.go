package target

import (
	"bytes"
	"compress/gzip"
	"testing"
)

func coded(t testing.TB, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestChecks(t *testing.T) {
	t.Parallel()
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nX-Cache:HIT\r\nx-cache: second\r\nX-Cached: no\r\nEmpty:\r\n\r\n"
	body := `{"ok":true,"n":1.50,"user":{"name":"Ann \"x\"","tags":["a","b"]},"none":null}`
	for _, test := range []struct {
		check string
		want  bool
	}{
		{"status=200", true}, {"status=201", false}, {"status!=500", true}, {"status!=200", false}, {"status=2xx", true}, {"status=2XX", true},
		{"status=3xx", false}, {"status!=2xx", false}, {"status!=5xx", true}, {"status<300", true}, {"status<=200", true}, {"status>200", false}, {"status >= 200", true},
		{"header.content-type~json", true}, {"header.Content-Type=application/json; charset=utf-8", true}, {"header.content-type=json", false},
		{"header.x-cache=HIT", true}, {"header.x-cache=hit", false}, {"header.x-cache=second", true}, {"header.x-cache!=second", false}, {"header.x-cache!=MISS", true},
		{"header.x-cache!~^sec", false}, {"header.x-cache*=econ", true}, {"header.missing=x", false}, {"header.missing!=x", true}, {"header.missing!~.", true},
		{"header.empty=", true}, {"header.http/1.1=x", false},
		{"body*=Ann", true}, {"body*=Bob", false}, {`body~"tags":\[`, true}, {"body!~error", true}, {"body=x", false}, {"body!=x", true},
		{"body.size<100KB", true}, {"body.size=77", true}, {"body.size>1MiB", false}, {"body.size!=0", true},
		{"body.json:ok=true", true}, {"body.json:n=1.50", true}, {"body.json:n=1.5", false}, {`body.json:user.name=Ann "x"`, true}, {"body.json:user.tags.1=b", true},
		{"body.json:user.tags.2=b", false}, {"body.json:user.tags.x=b", false}, {"body.json:user.missing=x", false}, {"body.json:user.missing!=x", true}, {"body.json:none=null", true},
		{`body.json:user.tags*="a"`, true}, {"body.json:user.name~^Ann", true}, {"body.json:user.name!~^Ann", false},
	} {
		c, err := ParseCheck(test.check)
		if err != nil {
			if test.check == "header.http/1.1=x" {
				continue // no such header name
			}
			t.Errorf("%v", err)
			continue
		}
		if got := c.holds(&answer{status: 200, head: []byte(head), body: []byte(body)}); got != test.want {
			t.Errorf("%s holds: %v", test.check, got)
		}
		zipped := &answer{status: 200, head: []byte("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n" + head[len("HTTP/1.1 200 OK\r\n"):]), body: coded(t, body)}
		if got := c.holds(zipped); got != test.want && c.subject != onSize {
			t.Errorf("%s holds on a coded body: %v", test.check, got)
		}
		if c.String() != test.check {
			t.Errorf("%q prints as %q", test.check, c.String())
		}
	}
	// A body that is not in the coding that it is said to be in keeps no check on what is in it.
	for _, check := range []string{"body!~error", "body*=a", "body.json:a!=b"} {
		c, err := ParseCheck(check)
		if err != nil {
			t.Fatal(err)
		}
		if c.holds(&answer{status: 200, head: []byte("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"), body: []byte("a")}) {
			t.Errorf("%s holds on garbage", check)
		}
	}
}

func TestCheckProblems(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                  `check "": ` + wantCheck,
		"status":            `check "status": ` + wantCheck,
		"=200":              `check "=200": ` + wantCheck,
		"status=OK":         `check "status=OK": status "OK": want a number such as 200, or a class such as 2xx`,
		"status=9xx":        `check "status=9xx": status "9xx": want a number such as 200, or a class such as 2xx`,
		"status=20":         `check "status=20": status "20": want a number such as 200, or a class such as 2xx`,
		"status<2xx":        `check "status<2xx": a class of statuses has no <; want = or !=`,
		"status~200":        `check "status~200": ~ compares texts; want =, !=, <, <=, > or >=`,
		"header=x":          `check "header=x": "header" cannot be checked; want status, header.NAME, body, body.size or body.json:PATH`,
		"header.x<5":        `check "header.x<5": < compares numbers; want =, !=, ~, !~ or *=`,
		"body~(":            `check "body~(": regular expression "(": missing closing ): (; want RE2 syntax (no look-ahead and no back-references), such as "\\.pdf$"`,
		"body*=":            `check "body*=": everything contains the empty text; name one`,
		"body.size<big":     `check "body.size<big": size "big": it is no number of bytes; want bytes with a unit, such as "1024", "64MiB" or "1GB" (units: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)`,
		"body.json:=1":      `check "body.json:=1": "body.json:" cannot be checked; want status, header.NAME, body, body.size or body.json:PATH`,
		"body.json:a.b>=10": `check "body.json:a.b>=10": >= compares numbers; want =, !=, ~, !~ or *=`,
	} {
		if _, err := ParseCheck(text); err == nil || err.Error() != want {
			t.Errorf("check %q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	open := func(checks ...string) *Set {
		return openSet(t, func(c *Config) {
			c.URLs = []string{"http://a.example/"}
			for _, text := range checks {
				check, err := ParseCheck(text)
				if err != nil {
					t.Fatal(err)
				}
				c.Checks = append(c.Checks, check)
			}
		})
	}
	s := open("status=2xx", "header.a=1", "body.size<3")
	for _, test := range []struct {
		status     int
		head, body string
		want       int
	}{{200, "HTTP/1.1 200 OK\r\na: 1\r\n\r\n", "ab", -1}, {404, "", "abc", 0}, {204, "HTTP/1.1 200 OK\r\nb: 1\r\n\r\n", "", 1}, {200, "HTTP/1.1 200 OK\nA: 1", "abc", 2}} {
		if got := s.Verify(0, test.status, []byte(test.head), []byte(test.body)); got != test.want {
			t.Errorf("%+v: check %d is broken", test, got)
		}
	}
	for _, test := range []struct {
		check      string
		head, body bool
	}{{"status=200", false, false}, {"header.a=1", true, false}, {"body.size>1", false, true}, {"body*=x", true, true}} {
		if s := open(test.check); s.NeedsHead() != test.head || s.NeedsBody() != test.body {
			t.Errorf("%s needs head %v, body %v", test.check, s.NeedsHead(), s.NeedsBody())
		}
	}
	if s := open(); s.NeedsHead() || s.NeedsBody() || len(s.CheckNames()) != 0 || s.Verify(0, 500, nil, nil) != -1 {
		t.Error("a set without checks checks something")
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"status=2xx", "header.a~b", "body.json:a.0.b!=x", "body.size<=1KiB", "body*=x", "body!~y"} {
		f.Add(s, "HTTP/1.1 200 OK\r\na: b\r\n\r\n", `{"a":[{"b":"x"}]}`)
	}
	f.Fuzz(func(t *testing.T, text, head, body string) {
		c, err := ParseCheck(text)
		if err != nil {
			return
		}
		again, err := ParseCheck(c.String())
		if err != nil {
			t.Fatalf("%q prints as %q: %v", text, c.String(), err)
		}
		a, b := answer{status: 200, head: []byte(head), body: []byte(body)}, answer{status: 200, head: []byte(head), body: []byte(body)}
		if c.holds(&a) != again.holds(&b) {
			t.Fatalf("%q and its text %q differ", text, c.String())
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for _, check := range []string{"status=200", "header.x-cache=HIT", "body*=needle"} {
		b.Run(check, func(b *testing.B) {
			s := openSet(b, func(c *Config) {
				c.URLs = []string{"http://a.example/"}
				v, err := ParseCheck(check)
				if err != nil {
					b.Fatal(err)
				}
				c.Checks = []Check{v}
			})
			head := []byte("HTTP/1.1 200 OK\r\nServer: x\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: text/plain\r\nX-Cache: HIT\r\n\r\n")
			body := append(bytes.Repeat([]byte("hay "), 256), "needle"...)
			b.ReportAllocs()
			for b.Loop() {
				if s.Verify(0, 200, head, body) != -1 {
					b.Fatal("broken")
				}
			}
		})
	}
}
