package crawler

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/crawler/weburl"
	"tandem/internal/transport"
	"tandem/internal/units"
)

// robotsServer serves robots.txt on loopback and counts who asks. Other paths are for redirects.
func robotsServer(t *testing.T, answer http.HandlerFunc) (u weburl.URL, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answer(w, r)
	}))
	t.Cleanup(srv.Close)
	u, err := weburl.Parse(srv.URL + "/page")
	if err != nil {
		t.Fatal(err)
	}
	return u, asked
}

// robotsClient is a cache over a real client, with a clock of its own.
func robotsClient(t *testing.T) (c *robotsCache, clock *time.Time) {
	t.Helper()
	client, err := transport.New(transport.Config{
		UserAgent: "TandemFetch/1.0", Timeout: 5 * time.Second, MaxBody: 1 << 20,
		Guard: transport.NewGuard([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	c = newRobotsCache("TandemFetch", func(ctx context.Context, u weburl.URL, maxBody int64) (*transport.Response, error) {
		return client.Do(ctx, &transport.Request{Method: http.MethodGet, Target: target(u), MaxBody: maxBody})
	})
	now := time.Now()
	c.now = func() time.Time { return now }
	return c, &now
}

const (
	allowAll    = "allow all"
	disallowB   = "disallow /b"
	tryAgain    = "unreachable, to be asked again"
	unreachable = "unreachable"
)

// meaning says what an answer amounts to.
func meaning(a *robotsAnswer) string {
	switch {
	case a.rules == nil && a.final:
		return unreachable
	case a.rules == nil:
		return tryAgain
	}
	page, _ := a.rules.Allowed("/a")
	b, _ := a.rules.Allowed("/b")
	switch {
	case page && b:
		return allowAll
	case page:
		return disallowB
	}
	return "disallow all"
}

const rulesText = "User-agent: *\nDisallow: /b\n"

func TestRobotsAnswers(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			fmt.Fprint(w, rulesText)
		}
	}
	body := func(b []byte, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.Write(b)
		}
	}
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusFound)
		}
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(rulesText))
	z.Close()
	rest := strings.Repeat("Disallow: /some/folder\n", 100_000) // 2.3 MB
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   string
		asked  int64
	}{
		{"200", status(200), disallowB, 1},
		{"203", status(203), disallowB, 1},
		{"204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, allowAll, 1},
		{"301 to nowhere", status(301), allowAll, 1},
		{"400", status(400), allowAll, 1},
		{"401", status(401), allowAll, 1},
		{"403", status(403), allowAll, 1},
		{"404", status(404), allowAll, 1},
		{"410", status(410), allowAll, 1},
		{"451", status(451), allowAll, 1},
		{"429", status(429), tryAgain, 1},
		{"500", status(500), tryAgain, 1},
		{"503", status(503), tryAgain, 1},
		{"599", status(599), tryAgain, 1},
		{"empty", body(nil), allowAll, 1},
		{"HTML", body([]byte("<html><body>User-agent: *<br>Disallow: /</body></html>"), "Content-Type", "text/html"), allowAll, 1},
		{"rules called HTML", body([]byte(rulesText), "Content-Type", "text/html"), disallowB, 1},
		{"gzip", body(zipped.Bytes(), "Content-Encoding", "gzip"), disallowB, 1},
		{"no gzip", body([]byte(rulesText), "Content-Encoding", "gzip"), disallowB, 1},
		{"unknown coding", body([]byte(rulesText), "Content-Encoding", "utf-8"), disallowB, 1},
		{"2 MB, rule first", body([]byte(rulesText + rest)), disallowB, 1},
		{"2 MB, rule last", body([]byte("User-agent: *\n" + rest + "Disallow: /b\n")), allowAll, 1},
		{"cut", body([]byte(rulesText), "Content-Length", "1000"), tryAgain, 1},
		{"loop", redirect("/robots.txt"), allowAll, 6},
		{"to another scheme", redirect("ftp://127.0.0.1/robots.txt"), allowAll, 1},
		{"to no URL", redirect("http://[::"), allowAll, 1},
		{"to a private address", redirect("http://10.0.0.1/robots.txt"), unreachable, 1},
		{"to a port where nobody listens", redirect("http://127.0.0.1:1/robots.txt"), tryAgain, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u, asked := robotsServer(t, tt.answer)
			c, _ := robotsClient(t)
			a, mine, ok := c.ask(t.Context(), u)
			if got := meaning(a); got != tt.want || asked.Load() != tt.asked || !mine || !ok {
				t.Errorf("%s (%v), asked %d times, want %s, %d", got, a.err, asked.Load(), tt.want, tt.asked)
			}
		})
	}
}

// Five redirects are followed, to other hosts too; a sixth means that there are no rules.
func TestRobotsRedirects(t *testing.T) {
	t.Parallel()
	for hops, want := range map[int]string{1: disallowB, 5: disallowB, 6: allowAll} {
		var other weburl.URL
		answer := func(w http.ResponseWriter, r *http.Request) {
			n, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/hop"))
			if n == hops {
				fmt.Fprint(w, rulesText)
				return
			}
			http.Redirect(w, r, fmt.Sprintf("http://%s/hop%d", other.HostPort(), n+1), http.StatusMovedPermanently)
		}
		first, _ := robotsServer(t, answer)
		other, _ = robotsServer(t, answer)
		c, _ := robotsClient(t)
		if a, _, _ := c.ask(t.Context(), first); meaning(a) != want {
			t.Errorf("%d redirects: %s (%v), want %s", hops, meaning(a), a.err, want)
		}
	}
}

// Rules hold for 24 hours; an answer that is none is asked for again after its time, and given up after three tries for ten minutes.
func TestRobotsAge(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	u, asked := robotsServer(t, func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprint(w, rulesText)
	})
	c, now := robotsClient(t)
	step := func(after time.Duration, want string, times int64) {
		t.Helper()
		*now = now.Add(after)
		if a, _, _ := c.ask(t.Context(), u); meaning(a) != want || asked.Load() != times {
			t.Fatalf("%s later: %s, asked %d times, want %s, %d", after, meaning(a), asked.Load(), want, times)
		}
	}
	step(0, disallowB, 1)
	step(24*time.Hour-time.Second, disallowB, 1)
	broken.Store(true)
	step(time.Second, tryAgain, 2) // it is not forgotten that the old rules are too old
	step(29*time.Second, tryAgain, 2)
	step(time.Second, tryAgain, 3)
	step(30*time.Second, unreachable, 4)
	step(10*time.Minute-time.Second, unreachable, 4)
	broken.Store(false)
	step(time.Second, disallowB, 5)
}

// Sites that serve large files cannot fill the memory: what is beyond a bound is asked for again.
func TestRobotsMemory(t *testing.T) {
	t.Parallel()
	c, _ := robotsClient(t)
	var text bytes.Buffer
	text.WriteString(rulesText)
	for n := 0; text.Len() < 1<<20; n++ {
		fmt.Fprintf(&text, "Disallow: /%d\n", n)
	}
	u, _ := robotsServer(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(text.Bytes()) })
	get := c.get
	c.get = func(ctx context.Context, _ weburl.URL, maxBody int64) (*transport.Response, error) {
		return get(ctx, u, maxBody)
	}
	for port := range 40 {
		origin, err := weburl.Parse(fmt.Sprintf("http://127.0.0.1:%d/", 2000+port))
		if err != nil {
			t.Fatal(err)
		}
		if a, _, _ := c.ask(t.Context(), origin); meaning(a) != disallowB {
			t.Fatalf("%s: %s", origin, meaning(a))
		}
		sum := 0
		for _, a := range c.origins {
			sum += a.size
		}
		if c.size != sum || c.size > robotsMemory {
			t.Fatalf("%d bytes kept, %d counted, %d at most", sum, c.size, robotsMemory)
		}
	}
	n := 0
	for _, a := range c.origins {
		if a != forgotten {
			n++
		}
	}
	if n < 2 || n > 39 {
		t.Errorf("%d origins are remembered", n)
	}
	for port := range 40 { // whose page does not wait for another turn: see obey
		origin, err := weburl.Parse(fmt.Sprintf("http://127.0.0.1:%d/", 2000+port))
		if err != nil {
			t.Fatal(err)
		}
		was := c.origins[origin.Origin()]
		if a, mine, _ := c.ask(t.Context(), origin); mine != (was == forgotten) || a.again != mine || meaning(a) != disallowB {
			t.Errorf("%s: asked again %v, known to be so %v, %s", origin, mine, a.again, meaning(a))
		}
	}
}

// However many workers need an origin's rules at once, one asks.
func TestRobotsTogether(t *testing.T) {
	t.Parallel()
	u, asked := robotsServer(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rulesText) })
	c, _ := robotsClient(t)
	var askers atomic.Int64
	var workers sync.WaitGroup
	for range 50 {
		workers.Go(func() {
			a, mine, ok := c.ask(t.Context(), u)
			if mine {
				askers.Add(1)
			}
			if !ok || meaning(a) != disallowB {
				t.Errorf("%v, %s", ok, meaning(a))
			}
		})
	}
	workers.Wait()
	if asked.Load() != 1 || askers.Load() != 1 {
		t.Errorf("asked %d times by %d workers", asked.Load(), askers.Load())
	}
}

func TestCrawlRate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		own    units.Rate
		delay  time.Duration
		want   units.Rate
		slower bool
	}{
		{0, 0, 0, false},
		{0, 2 * time.Second, 0.5, true},
		{1, 500 * time.Millisecond, 2, false},
		{1, time.Second, 1, false},
		{1, 4 * time.Second, 0.25, true},
		{0.001, 4 * time.Second, 0.25, false},
		{1, 24 * time.Hour, 1.0 / 60, true},
	} {
		if got, slower := crawlRate(tt.own, tt.delay); got != tt.want || slower != tt.slower {
			t.Errorf("%v under a delay of %v: %v, %v, want %v, %v", tt.own, tt.delay, got, slower, tt.want, tt.slower)
		}
	}
	c, _ := robotsClient(t)
	if c.delay("h", 3) != 3 || c.delay("h", 2) != 3 || c.delay("h", 0) != 0 || c.delay("other", 1) != 1 {
		t.Error("the largest delay of a host's origins does not hold")
	}
}
