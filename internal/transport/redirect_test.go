package transport

import (
	"context"
	"net"
	"net/http/cookiejar"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"
)

// routes serves by path; what is sent is formatted from the request's head.
func routes(t *testing.T, answer func(path, head string) string) (*rawServer, chan string) {
	heads := make(chan string, 64)
	return serve(t, func(s *session) {
		for head := s.request(); head != ""; head = s.request() {
			if strings.Contains(head, "Content-Length: 3") {
				body := make([]byte, 3)
				for i := range body {
					body[i], _ = s.br.ReadByte()
				}
				head += string(body)
			}
			heads <- head
			s.say(answer(strings.Fields(head)[1], head))
		}
	}), heads
}

func to(status, where string) string {
	return "HTTP/1.1 " + status + " R\r\nLocation: " + where + "\r\nContent-Length: 0\r\n\r\n"
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	srv, heads := routes(t, func(path, _ string) string {
		if status, ok := strings.CutPrefix(path, "/go/"); ok {
			return to(status, "../end?q=1#part")
		}
		switch path {
		case "/a":
			return to("302", "/b")
		case "/b":
			return to("307", "/c")
		case "/loop":
			return to("302", "/loop")
		case "/none":
			return "HTTP/1.1 302 R\r\nContent-Length: 0\r\n\r\n"
		case "/ftp":
			return to("302", "ftp://127.0.0.1/")
		case "/user":
			return to("302", "http://me:secret@127.0.0.1/")
		case "/bad":
			return to("302", "http://[::/%zz")
		case "/choice":
			return to("300", "/a")
		}
		return sized("end")
	})
	s := testSession(t, testClient(t, nil), SessionConfig{MaxRedirects: 3})
	for _, row := range []struct {
		method, path string
		status       int
		hops         int
		last         string // beginning of the last head
		class        string
	}{
		{"GET", "/a", 200, 2, "GET /c ", ""},
		{"POST", "/go/301", 200, 1, "GET /end?q=1 ", ""},
		{"POST", "/go/302", 200, 1, "GET /end?q=1 ", ""},
		{"POST", "/go/303", 200, 1, "GET /end?q=1 ", ""},
		{"POST", "/go/307", 200, 1, "POST /end?q=1 ", ""},
		{"POST", "/go/308", 200, 1, "POST /end?q=1 ", ""},
		{"PUT", "/go/301", 200, 1, "PUT /end?q=1 ", ""},
		{"PUT", "/go/303", 200, 1, "GET /end?q=1 ", ""},
		{"HEAD", "/go/303", 200, 1, "HEAD /end?q=1 ", ""},
		{"GET", "/go/304", 304, 0, "GET /go/304 ", ""},
		{"GET", "/choice", 300, 0, "GET /choice ", ""},
		{"GET", "/none", 302, 0, "GET /none ", ""},
		{"GET", "/loop", 302, 3, "GET /loop ", ""},
		{"GET", "/ftp", 302, 0, "", ClassMalformed},
		{"GET", "/user", 302, 0, "", ClassMalformed},
		{"GET", "/bad", 302, 0, "", ClassMalformed},
	} {
		req := get(srv.addr(), row.path)
		req.Method = row.method
		req.Header = [][2]string{{"Authorization", "Basic x"}, {"Content-Type", "text/x"}}
		if row.method == "POST" || row.method == "PUT" {
			req.Body = []byte("abc")
		}
		var resp Response
		err := s.Do(context.Background(), req, &resp)
		var head string
		for len(heads) > 0 {
			head = <-heads
		}
		if classOf(err) != row.class || resp.Status != row.status || resp.Redirects != row.hops || resp.Attempts != 1 {
			t.Errorf("%s %s: %v, status %d, %d redirects, %d attempts", row.method, row.path, err, resp.Status, resp.Redirects, resp.Attempts)
		}
		if err != nil {
			continue
		}
		if !strings.HasPrefix(head, row.last) || !strings.Contains(head, "Authorization: Basic x") {
			t.Errorf("%s %s: %q", row.method, row.path, head)
		}
		if body := strings.HasPrefix(row.last, "P"); body != strings.HasSuffix(head, "\r\n\r\nabc") || body != strings.Contains(head, "Content-Type") && row.method[0] == 'P' {
			t.Errorf("%s %s: body in %q", row.method, row.path, head)
		}
	}
}

// What the user gave for one origin does not go to another, and the guard knows that nobody named that one.
func TestRedirectAcrossOrigins(t *testing.T) {
	t.Parallel()
	other, heads := routes(t, func(string, string) string { return sized("other") })
	_, otherPort, _ := net.SplitHostPort(other.addr())
	home, _ := routes(t, func(path, _ string) string {
		return to("307", "http://localhost:"+otherPort+path)
	})
	_, homePort, _ := net.SplitHostPort(home.addr())
	for _, row := range []struct {
		allow bool
		class string
	}{{true, ""}, {false, ClassPrivateAddress}} {
		var nets []netip.Prefix
		if row.allow {
			nets = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
		}
		c, err := New(Config{Guard: NewGuard(nets, nil)})
		if err != nil {
			t.Fatal(err)
		}
		s := c.NewSession(SessionConfig{MaxRedirects: 5})
		var resp Response
		req := &Request{
			Target: Target{Scheme: "http", HostPort: "127.0.0.1:" + homePort, URI: "/x", Host: "name.example"}, Named: true, Method: "POST", Body: []byte("abc"),
			Header: [][2]string{{"Authorization", "s"}, {"Cookie", "s"}, {"X-Key", "s"}, {"Accept", "a/b"}, {"Content-Type", "c/d"}},
		}
		err = s.Do(context.Background(), req, &resp)
		if classOf(err) != row.class || resp.Redirects != 1 {
			t.Errorf("allowed %v: %v, %d redirects", row.allow, err, resp.Redirects)
		}
		if row.allow {
			want := "POST /x HTTP/1.1\r\nUser-Agent: TandemFetch\r\nHost: localhost:" + otherPort +
				"\r\nContent-Type: c/d\r\nContent-Length: 3\r\nAccept: a/b\r\nAccept-Encoding: gzip, br, zstd\r\n\r\nabc"
			if head := <-heads; head != want || string(resp.Body) != "other" {
				t.Errorf("got  %q\nwant %q", head, want)
			}
		}
		s.Close()
		c.Close()
	}
	if n := other.requests.Load(); n != 1 {
		t.Errorf("%d requests at the other origin", n)
	}
}

// The one timeout is that of the whole chain.
func TestRedirectsShareTheTimeout(t *testing.T) {
	t.Parallel()
	const limit = 400 * time.Millisecond
	srv := serve(t, func(s *session) {
		for s.request() != "" {
			timer := time.NewTimer(limit / 4)
			<-timer.C
			s.say(to("302", "/next"))
		}
	})
	s := testSession(t, testClient(t, func(cfg *Config) { cfg.Timeout = limit }), SessionConfig{MaxRedirects: 100})
	var resp Response
	start := time.Now()
	err := s.Do(context.Background(), get(srv.addr(), "/"), &resp)
	if took := time.Since(start); classOf(err) != ClassTimeout || took < limit-time.Millisecond || took > 4*limit || resp.Redirects < 1 {
		t.Errorf("%v after %v and %d redirects", err, took, resp.Redirects)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	srv, heads := routes(t, func(path, _ string) string {
		set := ""
		switch path {
		case "/login":
			set = "Set-Cookie: id=1; Path=/\r\nSet-Cookie: deep=2; Path=/deep\r\nSet-Cookie: foreign=3; Domain=other.example\r\nSet-Cookie: =bad\x01\r\n"
		case "/logout":
			set = "Set-Cookie: id=; Max-Age=0; Path=/\r\n"
		case "/move":
			return "HTTP/1.1 302 R\r\nSet-Cookie: moved=4\r\nLocation: /deep/x\r\nContent-Length: 0\r\n\r\n"
		case "/flood":
			set = strings.Repeat("Set-Cookie: "+strings.Repeat("n", 10)+"=v\r\n", 3)
		}
		return ok200 + set + "Content-Length: 0\r\n\r\n"
	})
	s := testSession(t, testClient(t, nil), SessionConfig{Cookies: true, MaxRedirects: 2})
	other := testSession(t, s.c, SessionConfig{Cookies: true})
	var resp Response
	for _, row := range []struct {
		s          *Session
		path, want string
	}{
		{s, "/", ""}, {s, "/login", ""}, {s, "/", "id=1"}, {s, "/deep/a", "deep=2; id=1"}, {other, "/", ""},
		{s, "/move", "deep=2; id=1; moved=4"}, {s, "/logout", "id=1; moved=4"}, {s, "/", "moved=4"},
	} {
		if err := row.s.Do(context.Background(), get(srv.addr(), row.path), &resp); err != nil {
			t.Fatal(err)
		}
		var head string
		for len(heads) > 0 {
			head = <-heads
		}
		_, got, _ := strings.Cut(head, "Cookie: ")
		if got, _, _ = strings.Cut(got, "\r\n"); got != row.want {
			t.Errorf("%s: %q, want %q", row.path, got, row.want)
		}
	}
	req := get(srv.addr(), "/")
	req.Header = [][2]string{{"cookie", "mine=0"}}
	if err := s.Do(context.Background(), req, &resp); err != nil {
		t.Fatal(err)
	}
	if head := <-heads; !strings.Contains(head, "Cookie: mine=0; moved=4\r\n") || strings.Contains(head, "cookie:") {
		t.Errorf("%q", head)
	}
}

// What a jar holds is bounded, although each cookie has the same name: by the path that it names, and by that of the request.
func TestCookiesAreBounded(t *testing.T) {
	t.Parallel()
	for set, path := range map[string]string{"Path=/%d": "/", "HttpOnly": "/%d/x"} {
		list, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		j := &jar{list: list, known: make(map[string]struct{})}
		held := 0
		for n := range 2 * jarCookies {
			at := Target{Scheme: "http", HostPort: "d.example:80", URI: strings.ReplaceAll(path, "%d", strconv.Itoa(n))}
			line := "Set-Cookie: a=1; " + strings.ReplaceAll(set, "%d", strconv.Itoa(n))
			for range 2 { // the second one is known
				j.keep(at, &Response{Head: []byte("HTTP/1.1 200 OK\r\n" + line + "\r\n\r\n")})
			}
			at.URI = "/" + strconv.Itoa(n) + "/y"
			held += len(j.with(at, nil))
		}
		if held != jarCookies || len(j.known) != jarCookies {
			t.Errorf("%s: %d held, %d known", set, held, len(j.known))
		}
	}
}
