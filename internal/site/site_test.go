package site

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// get asks a handler without a network.
func get(t *testing.T, h http.Handler, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func read(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var reference = regexp.MustCompile(`(href|src)="([^"]*)"`)

// references returns what a page links and embeds, as paths.
func references(t *testing.T, pagePath, body string) []string {
	t.Helper()
	base := &url.URL{Path: pagePath}
	var list []string
	for _, m := range reference.FindAllStringSubmatch(body, -1) {
		u, err := base.Parse(html.UnescapeString(m[2]))
		if err != nil {
			t.Fatalf("%s links %q: %v", pagePath, m[2], err)
		}
		list = append(list, u.EscapedPath())
	}
	return list
}

// crawl visits everything below the front page that keep admits, and returns the status of each path.
func crawl(t *testing.T, h http.Handler, keep func(path string) bool) map[string]int {
	t.Helper()
	seen := map[string]int{"/": 0}
	for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		res := get(t, h, path)
		for again := 0; res.StatusCode == 503 && again < 1; again++ {
			res = get(t, h, path)
		}
		seen[path] = res.StatusCode
		var next []string
		if to := res.Header.Get("Location"); to != "" {
			next = []string{to}
		} else if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			next = references(t, path, read(t, res))
		}
		for _, p := range next {
			if _, ok := seen[p]; !ok && keep(p) {
				seen[p] = 0
				queue = append(queue, p)
			}
		}
	}
	return seen
}

func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDir(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"a file.txt": "text", "x:y?.txt": "colon", "sub/index.html": "<p>own index", "deep/er/pic.png": "not a picture",
		".hidden": "secret", ".git/config": "secret", "deep/<b>.md": "# markdown",
	})
	outside := folder(t, map[string]string{"secret.txt": "outside"})
	if err := os.Symlink(filepath.Join(outside, "secret.txt"), filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	site, err := Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()

	got := crawl(t, site, func(string) bool { return true })
	want := map[string]int{
		"/": 200, "/site.css": 200, "/a%20file.txt": 200, "/x:y%3F.txt": 200, "/sub/": 200, "/deep/": 200, "/deep/er/": 200,
		"/deep/er/pic.png": 200, "/deep/%3Cb%3E.md": 200,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("crawl (-want +got):\n%s", diff)
	}
	for target, status := range map[string]int{
		"/.hidden": 404, "/.git/config": 404, "/link.txt": 404, "/nothing": 404, "/a%20file.txt/": 404, "/deep": 301,
		"/deep//er/": 301, "/deep/../sub/": 301, "/%2e%2e/%2e%2e/etc/passwd": 301,
	} {
		if res := get(t, site, target); res.StatusCode != status {
			t.Errorf("%s: status %d, want %d", target, res.StatusCode, status)
		}
	}
	if got := get(t, site, "/deep?x=1").Header.Get("Location"); got != "/deep/?x=1" {
		t.Errorf("folder without slash leads to %q", got)
	}
	if got := read(t, get(t, site, "/sub/")); got != "<p>own index" {
		t.Errorf("folder with index.html serves %q", got)
	}
	w := httptest.NewRecorder()
	site.ServeHTTP(w, httptest.NewRequest("POST", "/", nil))
	if w.Code != 405 {
		t.Errorf("POST: status %d", w.Code)
	}
}

func TestValidators(t *testing.T) {
	t.Parallel()
	site, err := Dir(folder(t, map[string]string{"a.txt": "text", "big.bin": strings.Repeat("x", inMemory+1)}))
	if err != nil {
		t.Fatal(err)
	}
	defer site.Close()
	for _, path := range []string{"/", "/a.txt", "/big.bin"} {
		first := get(t, site, path)
		tag := first.Header.Get("ETag")
		if tag == "" || first.Header.Get("Last-Modified") == "" {
			t.Fatalf("%s: no validators: %v", path, first.Header)
		}
		if res := get(t, site, path, "If-None-Match", tag); res.StatusCode != 304 || read(t, res) != "" {
			t.Errorf("%s: known ETag: status %d", path, res.StatusCode)
		}
		if res := get(t, site, path, "If-None-Match", `"other"`); res.StatusCode != 200 {
			t.Errorf("%s: unknown ETag: status %d", path, res.StatusCode)
		}
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	slow := Latency(http.NotFoundHandler(), time.Hour)
	server, err := Serve(t.Context(), "127.0.0.1:0", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		slow.ServeHTTP(w, r)
	}))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{}}
	answered := make(chan error)
	go func() {
		_, err := client.Get(server.URL())
		answered <- err
	}()
	<-entered
	if n := server.Connections(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("close with a request in progress: %v", err)
	}
	if err := <-answered; err == nil {
		t.Error("the request in progress was answered")
	}
	if n := server.Connections(); n != 0 {
		t.Errorf("%d connections after Close", n)
	}
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
}

func TestServeEndsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	server, err := Serve(ctx, "localhost:0", http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
	if err := server.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestServeRefusesOtherInterfaces(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:80"} {
		if _, err := Serve(t.Context(), addr, http.NotFoundHandler()); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%q: %v", addr, err)
		}
	}
	if _, err := Serve(t.Context(), "127.0.0.1", http.NotFoundHandler()); err == nil {
		t.Error("an address without a port was accepted")
	}
}

func TestErrorRate(t *testing.T) {
	t.Parallel()
	count := func(seed uint64) (failed int, pattern string) {
		h := ErrorRate(http.NotFoundHandler(), 0.25, seed)
		for range 2000 {
			if get(t, h, "/").StatusCode == 503 {
				failed++
				pattern += "x"
			} else {
				pattern += "."
			}
		}
		return failed, pattern
	}
	n, first := count(1)
	if n < 400 || n > 600 {
		t.Errorf("%d of 2000 failed, want about 500", n)
	}
	if _, again := count(1); again != first {
		t.Error("the same seed fails other requests")
	}
	if _, other := count(2); other == first {
		t.Error("another seed fails the same requests")
	}
}
