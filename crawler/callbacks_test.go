package crawler_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"tandem/crawler"
	"tandem/crawler/extract"
	"tandem/crawler/weburl"
	"tandem/pipeline"
)

// heard collects what callbacks are told.
type heard struct {
	mu                      sync.Mutex
	pages, html, items, bad map[string]string
	calls                   map[string]int
	fetched                 map[string]time.Time
}

func listen(cfg *crawler.Config) *heard {
	h := &heard{pages: map[string]string{}, html: map[string]string{}, items: map[string]string{}, bad: map[string]string{}, calls: map[string]int{}, fetched: map[string]time.Time{}}
	cfg.OnPage = func(_ context.Context, p *crawler.Page) error {
		body, err := p.Body()
		if err != nil {
			return err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.calls[p.URL.Path()]++
		h.fetched[p.URL.Path()] = p.FetchedAt
		h.pages[p.URL.Path()] = fmt.Sprintf("%d %d %t %s %d", p.Status, p.Depth, p.Unchanged, p.Header().Get("X-Mark"), len(body))
		return nil
	}
	cfg.OnHTML = func(_ context.Context, p *crawler.Page, doc *goquery.Document) error {
		links, err := p.Links()
		if err != nil {
			return err
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.html[p.URL.Path()] = fmt.Sprintf("%s %d", doc.Find("h1").Text(), len(links))
		return nil
	}
	cfg.OnFailure = func(_ context.Context, f crawler.FailedURL) error {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.bad[f.URL.Path()] = fmt.Sprintf("%d %s %t %t", f.Status, f.Class, f.Requisite, f.Err != nil)
		return nil
	}
	return h
}

// Callbacks are told of each page with its decoded body, whatever framing and coding it came in, and of what failed; requisites and
// sitemaps are no pages.
func TestCallbacks(t *testing.T) {
	t.Parallel()
	large := "<h1>large</h1>" + strings.Repeat("x", 2<<20)
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("X-Mark", "m")
		switch r.URL.Path {
		case "/":
			fmt.Fprint(w, `<h1>gr&uuml;n</h1><a href=/gzip>1</a><a href=/large>2</a><a href=/text>3</a><a href=/moved>4</a><a href=/gone>5</a><a href=//nowhere.example/lost>6</a><img src=/i.png><link rel=stylesheet href=/no.css>`)
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			fmt.Fprint(z, "<h1>zipped</h1>")
			_ = z.Close() // a response writer that is gone is seen by the client
		case "/large":
			for chunk := range slices.Chunk([]byte(large), 100_000) {
				_, _ = w.Write(chunk)
				w.(http.Flusher).Flush()
			}
		case "/text":
			w.Header().Set("Content-Type", "text/plain")
			fmt.Fprint(w, "plain")
		case "/moved":
			http.Redirect(w, r, "/text", http.StatusFound)
		case "/i.png":
			w.Header().Set("Content-Type", "image/png")
			fmt.Fprint(w, "png")
		case "/sitemap.xml":
			fmt.Fprintf(w, `<urlset><url><loc>http://%s/text</loc></url></urlset>`, r.Host)
		default:
			http.NotFound(w, r)
		}
	}))
	cfg := config(t.TempDir(), base+"/")
	cfg.Scope = "any"
	cfg.IgnoreRobots = true
	cfg.Resolve = func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host") }
	h := listen(&cfg)
	sum := crawl(t, cfg)
	want := map[string]string{"/": "200 0 false m 201", "/gzip": "200 1 false m 15", "/large": "200 1 false m " + fmt.Sprint(len(large)), "/text": "200 1 false m 5"}
	if diff := cmp.Diff(want, h.pages); diff != "" || sum.Pages != int64(len(want)) {
		t.Errorf("%d pages (-want +got):\n%s", sum.Pages, diff)
	}
	if diff := cmp.Diff(map[string]string{"/": "grün 8", "/gzip": "zipped 0", "/large": "large 0"}, h.html); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"/gone": "404 status false false", "/no.css": "404 status true false", "/lost": "0 dns false true"}, h.bad); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	for path, e := range stored(t, cfg.Dir, sum.Run) { // handing the body over has not changed what is stored
		if strings.HasSuffix(path, "/large") {
			if body, _, err := payload(t, cfg.Dir, e).Decode(4 << 20); err != nil || string(body) != large {
				t.Errorf("stored %d bytes of %s, %v", len(body), path, err)
			}
		}
	}
}

// A page that has not changed is handed over with the body of the earlier run.
func TestCallbacksOfUnchangedPages(t *testing.T) {
	t.Parallel()
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path != "/":
			http.NotFound(w, r)
		case r.Header.Get("If-None-Match") != "":
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("ETag", `"1"`)
			fmt.Fprint(w, "<h1>same</h1>")
		}
	}))
	cfg := config(t.TempDir(), base+"/")
	crawl(t, cfg)
	h := listen(&cfg)
	crawl(t, cfg)
	if h.pages["/"] != "304 0 true  13" || h.html["/"] != "same 0" {
		t.Errorf("pages %q, documents %q", h.pages, h.html)
	}
}

// chain is a site where each page links to the next one, and a count of the requests for pages.
func chain(t *testing.T, last int) (string, *atomic.Int64) {
	var asked atomic.Int64
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 0
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err != nil && r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		asked.Add(1)
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<h1>%d</h1>", n)
		if n < last {
			fmt.Fprintf(w, "<a href=/%d>next</a>", n+1)
		}
	})), &asked
}

// An error ends the crawl. The page comes again at the next start, out of the archive, and nothing is asked for twice.
func TestCallbackErrors(t *testing.T) {
	t.Parallel()
	base, asked := chain(t, 4)
	cfg := config(t.TempDir(), base+"/")
	h := listen(&cfg)
	told := cfg.OnPage
	errFull := errors.New("disk is full")
	cfg.OnPage = func(ctx context.Context, p *crawler.Page) error {
		if err := told(ctx, p); err != nil {
			return err
		}
		if p.URL.Path() == "/2" && h.calls["/2"] == 1 {
			return errFull
		}
		return nil
	}
	sum, err := tryCrawl(t, cfg)
	if !errors.Is(err, errFull) || !strings.Contains(err.Error(), `callback for page "`+base+`/2"`) || sum.State != crawler.Failed {
		t.Fatalf("error %v, state %s", err, sum.State)
	}
	before := h.fetched["/2"]
	again := crawl(t, cfg)
	if diff := cmp.Diff(map[string]int{"/": 1, "/1": 1, "/2": 2, "/3": 1, "/4": 1}, h.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if asked.Load() != 5 || again.Pages != 5 || !h.fetched["/2"].Equal(before) {
		t.Errorf("%d requests, %d pages, fetched at %v and at %v", asked.Load(), again.Pages, before, h.fetched["/2"])
	}
}

// The context of a callback ends when the crawl is aborted; what it returns then is no error, and the page comes again.
func TestCallbackContext(t *testing.T) {
	t.Parallel()
	base, _ := chain(t, 2)
	cfg := config(t.TempDir(), base+"/")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	waits := cfg
	waits.OnPage = func(ctx context.Context, p *crawler.Page) error {
		if p.URL.Path() != "/1" {
			return nil
		}
		cancel()
		<-ctx.Done()
		return context.Cause(ctx)
	}
	c, err := crawler.New(waits)
	if err != nil {
		t.Fatal(err)
	}
	if sum, err := c.Run(ctx); err != nil || sum.State != crawler.Interrupted {
		t.Fatalf("state %v, error %v", sum, err)
	}
	h := listen(&cfg)
	sum := crawl(t, cfg)
	if diff := cmp.Diff(map[string]int{"/1": 1, "/2": 1}, h.calls); diff != "" || sum.Pages != 3 {
		t.Errorf("%d pages, calls (-want +got):\n%s", sum.Pages, diff)
	}
}

// A callback can stop the crawl.
func TestCallbackDrains(t *testing.T) {
	t.Parallel()
	base, asked := chain(t, 1000)
	cfg := config(t.TempDir(), base+"/")
	cfg.Drain = new(pipeline.Event)
	cfg.OnPage = func(_ context.Context, p *crawler.Page) error {
		if p.URL.Path() == "/3" {
			cfg.Drain.Set()
		}
		return nil
	}
	if sum := crawl(t, cfg); sum.State != crawler.Interrupted || asked.Load() > 100 {
		t.Errorf("state %s after %d requests", sum.State, asked.Load())
	}
}

// What a crash has taken the done mark of is told again, out of the archive: pages and items.
func TestCallbacksAfterCrash(t *testing.T) {
	t.Parallel()
	base, asked := chain(t, 3)
	cfg := config(t.TempDir(), base+"/")
	cfg.Concurrency = 1
	cfg.Extract = []extract.Rule{{Name: "n", Fields: map[string]extract.Field{"n": {CSS: selector(t, "h1"), Type: extract.TypeInteger}}}}
	crashed := cfg
	crashed.Dir = t.TempDir()
	var appended atomic.Int64
	cfg.Failpoint = func(name string) {
		if name == "after-append" && appended.Add(1) == 2 {
			if err := os.CopyFS(crashed.Dir, os.DirFS(cfg.Dir)); err != nil {
				t.Error(err)
			}
		}
	}
	crawl(t, cfg)
	before := asked.Load()
	h := listen(&crashed)
	found := map[string]int{}
	crawler.OnItems(&crashed, "n", func(_ context.Context, page weburl.URL, it struct{ N int }) error {
		found[page.Path()] = it.N
		return nil
	})
	sum := crawl(t, crashed)
	delete(h.calls, "/") // its mark may be in the copy or not
	delete(found, "/")
	if sum.Recovered.Replayed < 1 || asked.Load()-before != 2 {
		t.Errorf("recovered %+v, %d requests", sum.Recovered, asked.Load()-before)
	}
	if diff := cmp.Diff(map[string]int{"/1": 1, "/2": 1, "/3": 1}, h.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"/1": 1, "/2": 2, "/3": 3}, found); diff != "" || h.html["/1"] != "1 1" {
		t.Errorf("items (-want +got):\n%s\ndocuments %q", diff, h.html)
	}
}

// As many callbacks run at once as there are workers.
func TestCallbacksRunAtOnce(t *testing.T) {
	t.Parallel()
	base := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" || r.URL.Path == "/sitemap.xml" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<a href=/a>a</a><a href=/b>b</a>")
	}))
	cfg := config(t.TempDir(), base+"/")
	var meeting sync.WaitGroup
	meeting.Add(2)
	cfg.OnPage = func(ctx context.Context, p *crawler.Page) error {
		if p.URL.Path() == "/" {
			return nil
		}
		meeting.Done()
		met := make(chan struct{})
		go func() { meeting.Wait(); close(met) }()
		select {
		case <-met:
			return nil
		case <-time.After(10 * time.Second):
			return errors.New("the other page did not come")
		}
	}
	crawl(t, cfg)
}

func TestCallbacksOfNoRule(t *testing.T) {
	t.Parallel()
	cfg := config(t.TempDir(), "http://a.example/")
	crawler.OnItems(&cfg, "prodct", func(context.Context, weburl.URL, struct{}) error { return nil })
	if _, err := crawler.New(cfg); err == nil || !strings.Contains(err.Error(), `items "prodct"`) {
		t.Errorf("error %v", err)
	}
}

// An item that does not fit its type ends the crawl and says which.
func TestItemsThatDoNotFit(t *testing.T) {
	t.Parallel()
	base, _ := chain(t, 0)
	cfg := config(t.TempDir(), base+"/")
	cfg.Extract = []extract.Rule{{Name: "n", Fields: map[string]extract.Field{"n": {CSS: selector(t, "h1")}}}}
	crawler.OnItems(&cfg, "n", func(context.Context, weburl.URL, struct{ N int }) error { return nil })
	if _, err := tryCrawl(t, cfg); err == nil || !strings.Contains(err.Error(), `decode item "n" of "`+base+`/"`) {
		t.Errorf("error %v", err)
	}
}

// A panic in a callback ends the program, as any other does.
func TestCallbackPanics(t *testing.T) {
	t.Parallel()
	if os.Getenv("PANIC_IN_CALLBACK") != "" {
		base, _ := chain(t, 0)
		cfg := config(t.TempDir(), base+"/")
		cfg.OnPage = func(context.Context, *crawler.Page) error { panic("broken callback") }
		_, _ = tryCrawl(t, cfg)
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestCallbackPanics$")
	cmd.Env = append(os.Environ(), "PANIC_IN_CALLBACK=1")
	out, err := cmd.CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("panic: broken callback")) {
		t.Errorf("error %v, output %s", err, out)
	}
}
