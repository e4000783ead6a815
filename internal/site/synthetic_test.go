package site

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSyntheticKeepsItsTruth(t *testing.T) {
	t.Parallel()
	opt := DefaultSynthetic(60)
	opt.RetryAfter = 0
	site, err := Synthetic(opt)
	if err != nil {
		t.Fatal(err)
	}
	server, err := Serve(t.Context(), "127.0.0.1:0", site)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close(t.Context())
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

	reached := crawl(t, site, func(string) bool { return true })
	site.Reset()
	truth := site.TruthAt(server.URL())
	chunked, zipped, retried := 0, 0, 0
	for target, want := range truth {
		if got := reached[strings.TrimPrefix(target, strings.TrimSuffix(server.URL(), "/"))]; got != want.Status {
			t.Errorf("%s: crawled with status %d, want %d", target, got, want.Status)
		}
		for _, encoding := range []string{"identity", "gzip, br"} {
			res := ask(t, client, target, encoding)
			if want.Retried && encoding == "identity" {
				if res.StatusCode != 503 || res.Header.Get("Retry-After") != "0" {
					t.Errorf("%s: first status %d", target, res.StatusCode)
				}
				retried++
				res = ask(t, client, target, encoding)
			}
			sum := want.SHA256
			if encoding == "identity" {
				sum = want.Identity
			}
			if body := read(t, res); res.StatusCode != want.Status || sum != "" && digest([]byte(body)) != sum {
				t.Errorf("%s, %s: status %d, want %d; digest as told: %v", target, encoding, res.StatusCode, want.Status, digest([]byte(body)) == sum)
			}
			if res.Header.Get("Location") != want.Location {
				t.Errorf("%s leads to %q, want %q", target, res.Header.Get("Location"), want.Location)
			}
			if len(res.TransferEncoding) > 0 {
				chunked++
			}
			if res.Header.Get("Content-Encoding") == "gzip" {
				zipped++
			}
		}
	}
	if chunked == 0 || zipped == 0 || retried != opt.Errors503 {
		t.Errorf("%d chunked, %d gzip, %d retried", chunked, zipped, retried)
	}
	if got, want := len(site.Log()), 2*len(truth)+retried; got != want {
		t.Errorf("%d requests in the log, want %d", got, want)
	}
}

func ask(t *testing.T, client *http.Client, target, encoding string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", encoding)
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	res.Body = io.NopCloser(strings.NewReader(string(body)))
	return res
}

func TestSyntheticIsDeterministic(t *testing.T) {
	t.Parallel()
	build := func(seed uint64) map[string]Answer {
		opt := DefaultSynthetic(40)
		opt.Seed = seed
		site, err := Synthetic(opt)
		if err != nil {
			t.Fatal(err)
		}
		return site.Truth()
	}
	if diff := cmp.Diff(build(5), build(5)); diff != "" {
		t.Errorf("two sites of one seed:\n%s", diff)
	}
	if cmp.Equal(build(5), build(6)) {
		t.Error("two seeds give one site")
	}
}

func TestSyntheticCounts(t *testing.T) {
	t.Parallel()
	opt := SyntheticOptions{Pages: 30, Redirects: 4, RedirectChain: 3, NotFound: 5, Images: 6, Robots: true, Private: 2, Duplicates: 3, NearDuplicates: 1, Errors503: 7}
	site, err := Synthetic(opt)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	digests := map[string]int{}
	for path, a := range site.Truth() {
		got[path[:strings.IndexByte(path[1:]+"/", '/')+1]]++
		digests[a.Identity]++
	}
	want := map[string]int{"/": 1, "/p": 29, "/r": 8, "/gone": 5, "/img": 6, "/private": 2, "/copy": 6, "/near": 1, "/busy": 7, "/site.css": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	pairs := 0
	for sum, n := range digests {
		if sum != "" && n == 2 {
			pairs++
		}
	}
	if pairs != opt.Duplicates {
		t.Errorf("%d pairs with equal bytes, want %d", pairs, opt.Duplicates)
	}
}

func TestSyntheticValidators(t *testing.T) {
	t.Parallel()
	site, err := Synthetic(SyntheticOptions{Pages: 1})
	if err != nil {
		t.Fatal(err)
	}
	tag := get(t, site, "/").Header.Get("ETag")
	if res := get(t, site, "/", "If-None-Match", tag); res.StatusCode != 304 {
		t.Errorf("known ETag: status %d", res.StatusCode)
	}
	if got := get(t, site, "/robots.txt").StatusCode; got != 404 {
		t.Errorf("robots.txt without Robots: %d", got)
	}
	log := site.Log()
	if len(log) != 3 || log[1].Status != 304 || log[1].URL != "/" || log[1].Method != "GET" || log[1].Time.IsZero() {
		t.Errorf("log: %+v", log)
	}
}

func TestSyntheticRefuses(t *testing.T) {
	t.Parallel()
	for _, opt := range []SyntheticOptions{{}, {Pages: 1, Links: -1}, {Pages: 1, Private: 1}, {Pages: 1, Gzip: 101}, {Pages: 1, RetryAfter: -1}} {
		if _, err := Synthetic(opt); err == nil {
			t.Errorf("%+v: accepted", opt)
		}
	}
}
