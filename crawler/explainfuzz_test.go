package crawler_test

import (
	"encoding/json"
	"testing"

	"tandem/crawler"
	"tandem/crawler/weburl"
)

// FuzzExplain holds that every text and every robots.txt has an explanation, and that a canonical form explains itself.
func FuzzExplain(f *testing.F) {
	f.Add("http://user@[::1]:8080/a?b#c", "User-agent: *\nDisallow: /a$\n")
	f.Add("javascript:alert(1)", "")
	f.Add("//bücher.example/%zz", "Disallow: /")
	f.Fuzz(func(t *testing.T, raw, rules string) {
		cfg := config("", "http://a.test/")
		cfg.Scope = "any"
		e := explainer(t, cfg, crawler.ExplainOptions{Base: "http://a.test/b/", Offline: true, Robots: []byte(rules), RobotsName: "robots.txt"})
		x := explain(t, e, raw)
		if _, err := json.Marshal(x); err != nil {
			t.Error(err)
		}
		if x.Canonical == nil {
			return
		}
		if r := weburl.Read("", *x.Canonical); r.URL.IsZero() {
			return // what only a base makes a URL of: nothing that a crawl would fetch
		}
		if y := explain(t, e, *x.Canonical); value(y.Canonical) != *x.Canonical || y.Allowed != x.Allowed {
			t.Errorf("%q is allowed: %v, its canonical form %q: %v", raw, x.Allowed, *x.Canonical, y.Allowed)
		}
	})
}
