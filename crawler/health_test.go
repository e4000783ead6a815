package crawler

import (
	"errors"
	"net"
	"testing"
	"time"

	"tandem/crawler/weburl"
	"tandem/internal/transport"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	start := time.Now()
	silent := &transport.Error{Class: "timeout", Temporary: true, Err: errors.New("silence")}
	for name, c := range map[string]struct {
		tries int           // that failed
		every time.Duration // apart
		then  error         // the last one
		dead  bool
	}{
		"many in no time is a restart": {20, 0, silent, false},
		"few over a long time":         {5, 20 * time.Second, silent, false},
		"many over a long time":        {12, 5 * time.Second, silent, true},
		"an answer is health":          {12, 5 * time.Second, nil, false},
	} {
		var h health
		now := start
		for range c.tries {
			h.note("a:80", silent, now)
			now = now.Add(c.every)
		}
		h.note("a:80", c.then, now)
		if err := h.check("a:80", now); (err != nil) != c.dead {
			t.Errorf("%s: check = %v", name, err)
		}
		if err := h.check("b:80", now); err != nil {
			t.Errorf("%s: another host: %v", name, err)
		}
		if err := h.check("a:80", now.Add(deadFor+time.Second)); err != nil {
			t.Errorf("%s: it is left alone for ever: %v", name, err)
		}
	}
}

// A proxy that is away for a while is no failure of the hosts behind it: they are waited for as for a server that starts again.
func TestHealthBehindProxy(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	proxy, err := transport.ParseProxy("http://" + ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	client, err := transport.New(transport.Config{Proxy: proxy, Timeout: 10 * time.Second, Guard: transport.NewGuard(nil, nil)})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	_, err = client.Do(t.Context(), &transport.Request{Target: transport.Target{Scheme: "http", HostPort: "198.17.0.1:80"}})
	var h health
	now := time.Now()
	for range 2 * deadReached {
		h.note("198.17.0.1:80", err, now)
		now = now.Add(time.Second)
	}
	if gone := h.check("198.17.0.1:80", now); gone != nil {
		t.Errorf("taken for dead: %v", gone)
	}
	if v := judge(nil, err, 2, now); !v.retry || v.after != awayBackoff || v.pause != awayBackoff {
		t.Errorf("verdict %+v on %v", v, err)
	}
}

func TestValidators(t *testing.T) {
	t.Parallel()
	header := func(etag, modified string) func(string) string {
		return func(name string) string {
			if name == "ETag" {
				return etag
			}
			return modified
		}
	}
	for name, c := range map[string]struct {
		etag, modified string
		status         int
		cut            bool
		wantE, wantM   string
	}{
		"page":            {`"a"`, "m", 200, false, `"a"`, "m"},
		"confirmed":       {`"a"`, "", 304, false, `"a"`, ""},
		"cut":             {`"a"`, "m", 200, true, "", ""},
		"error":           {`"a"`, "m", 500, false, "", ""},
		"not found":       {`"a"`, "m", 404, false, "", ""},
		"control byte":    {"\"a\x1bb\"", "x\x00y", 200, false, "", ""},
		"one of them bad": {"\"a\nb\"", "m", 200, false, "", "m"},
	} {
		e, m := validators(header(c.etag, c.modified), c.status, c.cut)
		if e != c.wantE || m != c.wantM {
			t.Errorf("%s: validators = %q, %q; want %q, %q", name, e, m, c.wantE, c.wantM)
		}
	}
}

// TestTriesThatReachNobodyDoNotCount: two refused tries leave a page all of its
// three, and the other way round.
func TestTriesThatReachNobodyDoNotCount(t *testing.T) {
	t.Parallel()
	var u unreached
	url, err := weburl.Parse("http://h.example/a")
	if err != nil {
		t.Fatal(err)
	}
	away := &transport.Error{Class: transport.ClassRefused, Temporary: true, Err: errors.New("x")}
	reset := &transport.Error{Class: transport.ClassReset, Temporary: true, Err: errors.New("x")}
	for i, c := range []struct {
		err  error
		want int
	}{{away, 1}, {reset, 1}, {away, 2}, {nil, 2}, {reset, 3}} {
		if got := u.count(url, c.err, i+1); got != c.want {
			t.Errorf("try %d (%v) counts as %d, want %d", i+1, c.err, got, c.want)
		}
	}
	u.forget(url)
	if got := u.count(url, reset, 1); got != 1 || len(u.tries) != 0 {
		t.Errorf("a URL that was forgotten counts as %d, %d are kept", got, len(u.tries))
	}
}
