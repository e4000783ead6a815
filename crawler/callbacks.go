package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"github.com/PuerkitoBio/goquery"

	"tandem/crawler/extract"
	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/store"
)

// Callbacks hand a program what a crawl finds, while it finds it. Each may be nil, which costs nothing.
//
// They are called by the workers: several at once, in no useful order, each page's one after the other (OnPage, OnHTML, OnItem). One that takes
// long holds its worker up, of which there are Config.Concurrency, and so slows the crawl down to what the program can take; it must not wait for
// another page's. Large bodies (beyond 1 MiB) come one at a time.
//
// They are called when the answer is in the archive and before it is marked done. So nothing is lost: after a crash, and after an error, the next
// start of the same run calls again for what has no mark, out of the archive, with the same URL and FetchedAt. Something may come twice, no more of it
// than was in flight. A page whose record the crash has taken as well is fetched again. The next run over a finished crawl calls
// for its own answers.
//
// An error ends the crawl: Run returns it, and the page will come again. What should not, is for the callback to deal with. The
// context ends when the crawl is aborted, or its DrainGrace is over; what a callback returns then is no error. Setting
// Config.Drain from within a callback stops the crawl gracefully. A panic is not caught.
type Callbacks struct {
	// OnPage is called for each page: an answer of 2xx to what is no requisite, or a 304.
	OnPage func(ctx context.Context, p *Page) error
	// OnHTML is called with each such page that is HTML, parsed. Pages that are too heavy to parse are left out, and
	// logged.
	OnHTML func(ctx context.Context, p *Page, doc *goquery.Document) error
	// OnItem is called for each item that a rule of Config.Extract finds, by the name of the rule; see OnItems. Pages that have not changed
	// (304) keep the items of an earlier run, without a call.
	OnItem map[string]func(ctx context.Context, it Item) error
	// OnFailure is called for each URL that is given up, or was answered with 4xx or 5xx, requisites included.
	OnFailure func(ctx context.Context, f FailedURL) error
}

// Item is what a rule has found on a page.
type Item struct {
	Rule      string
	URL       weburl.URL // of the page
	FetchedAt time.Time  // UTC, in milliseconds
	Values    map[string]any
}

// Decode fills v, a pointer, with the values, as encoding/json does with an object of their names: `json:"price"`. Dates with a time and a zone fit a
// time.Time, all dates a string.
func (it Item) Decode(v any) error {
	b, err := json.Marshal(it.Values)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return fmt.Errorf("decode item %q of %q: %w", it.Rule, it.URL, err)
	}
	return nil
}

// OnItems has fn called with each item of a rule, decoded into a T (see Item.Decode), and the page that it was found on. An item that does not fit a T
// ends the crawl. It replaces the callback that cfg had for this rule.
func OnItems[T any](cfg *Config, rule string, fn func(ctx context.Context, page weburl.URL, item T) error) {
	if cfg.OnItem == nil {
		cfg.OnItem = make(map[string]func(context.Context, Item) error)
	}
	cfg.OnItem[rule] = func(ctx context.Context, it Item) error {
		var v T
		if err := it.Decode(&v); err != nil {
			return err
		}
		return fn(ctx, it.URL, v)
	}
}

// FailedURL is a URL that brought no page.
type FailedURL struct {
	URL       weburl.URL
	Status    int    // of the answer; 0 if there was none
	Class     string // as in crawl.json's errors: dns, timeout, …; "status" for an answer of 4xx or 5xx
	Err       error  // nil if there was an answer
	Via       string // the page that links to it, "" for a seed
	Depth     int
	Requisite bool
	Attempt   int // counts from 1
}

// check reports callbacks for rules that there are not.
func (c *Callbacks) check(rules []extract.Rule) error {
	for _, name := range slices.Sorted(maps.Keys(c.OnItem)) {
		if !slices.ContainsFunc(rules, func(r extract.Rule) bool { return r.Name == name }) {
			return fmt.Errorf("callback for items %q: no rule has this name", name)
		}
	}
	return nil
}

// answer is a stored answer as callbacks are told of it.
type answer struct {
	item    frontier.Item
	resp    *store.Response
	stored  Stored
	date    time.Time
	extract []extract.Item
}

// tell calls back for a stored answer.
func (r *run) tell(ctx context.Context, a answer) error {
	c, date := &r.cfg.Callbacks, a.date.UTC().Truncate(time.Millisecond)
	if a.item.Sitemap != frontier.NoSitemap {
		return nil
	}
	if a.resp.Status >= http.StatusBadRequest {
		return r.tellFailure(ctx, a.item, FailedURL{Status: a.resp.Status, Class: "status"})
	}
	if a.stored.page() && (c.OnPage != nil || c.OnHTML != nil) {
		if err := r.tellPage(ctx, r.page(a, date)); err != nil {
			return err
		}
	}
	for _, it := range a.extract {
		fn := c.OnItem[it.Rule]
		if fn == nil {
			continue
		}
		if err := fn(ctx, Item{Rule: it.Rule, URL: a.item.URL, FetchedAt: date, Values: it.Values}); err != nil {
			return fmt.Errorf("callback for an item %q of %q: %w", it.Rule, a.item.URL, err)
		}
	}
	return nil
}

func (r *run) tellPage(ctx context.Context, p *Page) error {
	c := &r.cfg.Callbacks
	if c.OnPage != nil {
		if err := c.OnPage(ctx, p); err != nil {
			return fmt.Errorf("callback for page %q: %w", p.URL, err)
		}
	}
	if c.OnHTML == nil {
		return nil
	}
	doc, err := p.Document()
	switch {
	case errors.Is(err, extract.ErrNotHTML):
		return nil
	case err != nil:
		r.cfg.Logger.Warn("page is not parsed", "url", p.URL.String(), "err", err)
		return nil
	}
	if err := c.OnHTML(ctx, p, doc); err != nil {
		return fmt.Errorf("callback for page %q: %w", p.URL, err)
	}
	return nil
}

// tellFailure fills in what the item knows.
func (r *run) tellFailure(ctx context.Context, item frontier.Item, f FailedURL) error {
	if r.cfg.OnFailure == nil || item.Sitemap != frontier.NoSitemap {
		return nil
	}
	f.URL, f.Via, f.Depth, f.Requisite, f.Attempt = item.URL, item.Via, item.Depth, item.Requisite, item.Attempt
	if err := r.cfg.OnFailure(ctx, f); err != nil {
		return fmt.Errorf("callback for failed %q: %w", item.URL, err)
	}
	return nil
}

// fail tells that an item has failed, and gives it up.
func (r *run) fail(ctx context.Context, item frontier.Item, v verdict, cause error) error {
	if !v.skip {
		if err := r.tellFailure(ctx, item, FailedURL{Class: v.class, Err: cause}); err != nil {
			return interrupted(ctx, err)
		}
	}
	return r.giveUp(item, v, cause)
}

// interrupted is nil for what a callback returned when its context was over: its item stays pending.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// page is an answer as OnPage sees it.
func (r *run) page(a answer, date time.Time) *Page {
	p := &Page{
		URL: a.item.URL, Status: a.resp.Status, Via: a.item.Via, Depth: a.item.Depth, FetchedAt: date,
		Unchanged: a.stored.Revisit, Truncated: a.stored.Truncated != "",
		resp: a.resp, maxBody: r.cfg.MaxBody.Int64(), slots: r.parsing,
	}
	if prior := a.item.Prior; a.resp.Status == http.StatusNotModified && prior != nil {
		p.earlier = func() (*store.Response, error) {
			return store.ReadResponse(filepath.Join(r.cfg.Dir, archiveDir, prior.Segment), prior.Offset, prior.Length)
		}
	}
	return p
}
