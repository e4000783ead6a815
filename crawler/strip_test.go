package crawler_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"

	"tandem/crawler"
)

// asked is a site that notes what it is asked for.
type asked struct {
	mu   sync.Mutex
	uris []string
	http.Handler
}

func (a *asked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.uris = append(a.uris, r.RequestURI)
	a.mu.Unlock()
	a.Handler.ServeHTTP(w, r)
}

func (a *asked) sorted() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	slices.Sort(a.uris)
	return slices.Clone(a.uris)
}

// marked links one page under many names, and insists on a session id.
func marked() *asked {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		for _, ref := range []string{"/a?utm_source=x", "/a?utm_source=y&utm_id=2", "/a", "/a;jsessionid=12", "/b?id=2&gclid=q&x=1", "/b?id=2&x=1", "/s"} {
			fmt.Fprintf(w, `<a href="%s">x</a>`, ref)
		}
	})
	mux.HandleFunc("/s", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" {
			http.Redirect(w, r, "/s?PHPSESSID=7", http.StatusFound)
		}
	})
	return &asked{Handler: mux}
}

func TestParametersAreStripped(t *testing.T) {
	t.Parallel()
	site := marked()
	cfg := config(t.TempDir(), serve(t, site)+"/?utm_source=seed")
	cfg.IgnoreRobots, cfg.Sitemaps = true, crawler.SitemapsOff
	if sum := crawl(t, cfg); sum.State != crawler.Complete {
		t.Errorf("state %s", sum.State)
	}
	want := []string{"/?utm_source=seed", "/a", "/b?id=2&x=1", "/s", "/s?PHPSESSID=7"}
	if got := site.sorted(); !slices.Equal(got, want) {
		t.Errorf("asked for\n%q, want\n%q", got, want)
	}
}

// Other rules may be given to a crawl that goes on: what is known keeps its name.
func TestStripRulesMayChange(t *testing.T) {
	t.Parallel()
	site := marked()
	cfg := config(t.TempDir(), serve(t, site)+"/")
	cfg.IgnoreRobots, cfg.StripParams = true, nil
	cfg.MaxPages = 1
	first := crawl(t, cfg)
	cfg.MaxPages, cfg.StripParams = 0, crawler.Default().StripParams
	second := crawl(t, cfg)
	if second.State != crawler.Complete || second.Fetched <= first.Fetched {
		t.Errorf("state %s, fetched %d", second.State, second.Fetched)
	}
	if got := site.sorted(); !slices.Contains(got, "/a?utm_source=x") || !slices.Contains(got, "/a") {
		t.Errorf("asked for %q", got)
	}
	cfg.StripParams = []string{"*"}
	if _, err := crawler.New(cfg); err == nil {
		t.Error("the rule * is accepted")
	}
}
