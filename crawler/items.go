package crawler

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"tandem/crawler/extract"
	"tandem/crawler/frontier"
	"tandem/store"
)

// itemizer takes the job's items out of a response. Like the linker it is a pure function of the job and of the bytes
// received, so that recovery finds the same items in a stored record. Safe for concurrent use; nil takes nothing.
type itemizer struct {
	rules   *extract.Rules
	maxBody int64         // of a decoded body
	slots   chan struct{} // held while a page is parsed: the trees of as many pages as there are cores
}

// newItemizer returns nil for a job without rules.
func newItemizer(list []extract.Rule, maxBody int64) (*itemizer, error) {
	if len(list) == 0 {
		return nil, nil
	}
	rules, err := extract.NewRules(list)
	if err != nil {
		return nil, err
	}
	return &itemizer{rules: rules, maxBody: maxBody, slots: make(chan struct{}, runtime.GOMAXPROCS(0))}, nil
}

// itemLine is a line of items.jsonl.
type itemLine struct {
	Rule      string         `json:"rule"`
	URL       string         `json:"url"`
	FetchedAt string         `json:"fetched_at"`
	Item      map[string]any `json:"item"`
}

// itemTime is the form of fetched_at, as exact as an archive's index.
const itemTime = "2006-01-02T15:04:05.000Z"

// taken counts what came of one response.
type taken struct {
	lines          []byte // of items.jsonl; nil keeps those of an earlier run, empty drops them
	items, dropped int64
	found          []extract.Item
}

// take returns the items of a response to from that began at at.
//
// An answer that says nothing about the page (unchanged, an error that may
// pass) keeps what was known; one that says that it is no longer there drops it.
func (z *itemizer) take(from frontier.Link, resp *store.Response, at time.Time) taken {
	if z == nil || resp.Status == http.StatusNotModified {
		return taken{}
	}
	gone := resp.Status >= 300 && resp.Status < 400 || resp.Status == http.StatusNotFound || resp.Status == http.StatusGone
	success := resp.Status >= 200 && resp.Status < 300
	if !gone && !success {
		return taken{}
	}
	t := taken{lines: []byte{}}
	url := from.URL.String()
	if gone || from.Requisite || !z.rules.Want(url) {
		return t
	}
	z.slots <- struct{}{}
	defer func() { <-z.slots }()
	body, _, err := resp.Decode(z.maxBody)
	if err != nil && len(body) == 0 {
		return t
	}
	var dropped int
	t.found, dropped = z.rules.Items(from.URL, resp.Get("Content-Type"), body)
	t.dropped = int64(dropped)
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, it := range t.found {
		line := itemLine{Rule: it.Rule, URL: url, FetchedAt: at.UTC().Format(itemTime), Item: it.Values}
		if enc.Encode(line) != nil { // texts and finite numbers: cannot happen
			t.dropped++
			continue
		}
		t.items++
	}
	t.lines = append(t.lines, b.Bytes()...)
	return t
}

// openItems makes the itemizer, and decides whether pages have to be asked for whole: an unchanged page keeps its items, which is
// right only if these rules made them.
func (r *run) openItems() error {
	var err error
	if r.itemizer, err = newItemizer(r.cfg.Extract, r.cfg.MaxBody.Int64()); err != nil {
		return err
	}
	ours := ""
	if r.itemizer != nil {
		b, err := json.Marshal(r.cfg.Extract)
		if err != nil {
			return fmt.Errorf("fingerprint rules: %w", err)
		}
		sum := sha256.Sum256(b)
		ours = hex.EncodeToString(sum[:])
	}
	before, err := r.frontier.Meta(metaRules)
	if err != nil {
		return err
	}
	r.whole = ours != "" && ours != before
	if r.tally.snapshot(time.Now()).Resumed > 0 {
		begun, err := r.frontier.Meta(metaRunRules)
		if err != nil {
			return err
		}
		if begun != ours {
			ours = "mixed" // the next run asks for whole pages
		}
	}
	return r.frontier.SetMeta(metaRunRules, ours)
}

// settleRules remembers, at the end of a run, which rules made the items.
func (r *run) settleRules() error {
	ran, err := r.frontier.Meta(metaRunRules)
	if err != nil {
		return err
	}
	return r.frontier.SetMeta(metaRules, ran)
}
