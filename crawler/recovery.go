package crawler

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/store"
	"tandem/store/warc"
)

// recover brings archive and frontier together again after a crash. Both are
// written without waiting for the disk, so either may be ahead of the other:
//
//   - a done mark that speaks of a record beyond the archive's last whole one
//     goes back to pending;
//   - a stored record without a done mark has its links extracted again by the
//     code that extracts them from the wire, and is marked done.
func (r *run) recover(ctx context.Context) error {
	rec := r.archive.Recovered()
	r.mended.CutBytes, r.mended.Rebuilt, r.mended.TornLines = rec.LostBytes, int64(rec.Rebuilt), int64(rec.TornLines)
	segments := r.archive.Segments()
	sealed := make(map[string]bool, len(segments))
	for _, s := range segments {
		sealed[s.Segment] = true
	}
	back, err := r.frontier.Reconcile(rec.OpenSegment, rec.Cut, func(name string) bool { return sealed[name] })
	if err != nil {
		return err
	}
	r.mended.Requeued = int64(len(back))
	r.uncount(back)
	if r.tally.snapshot(time.Now()).Resumed == 0 {
		return nil
	}
	for _, s := range segments {
		if s.Run != r.id {
			continue
		}
		if err := r.replaySegment(ctx, s.Segment); err != nil {
			return err
		}
	}
	for _, e := range rec.Entries {
		if err := r.replay(ctx, e, rec.OpenPath); err != nil {
			return err
		}
	}
	return nil
}

// replaySegment replays a sealed segment in the order of its records, which is
// not that of its index: what a page links was stored after the page.
func (r *run) replaySegment(ctx context.Context, segment string) error {
	archive := filepath.Join(r.cfg.Dir, archiveDir)
	var entries []store.Entry
	for e, err := range store.ReadIndex(r.cfg.FS, archive, segment) {
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b store.Entry) int { return cmp.Compare(a.Offset, b.Offset) })
	for _, e := range entries {
		if err := r.replay(ctx, e, filepath.Join(archive, segment)); err != nil {
			return err
		}
	}
	return nil
}

// replay marks a stored record done if it is not yet.
func (r *run) replay(ctx context.Context, e store.Entry, path string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	u, err := weburl.Parse(e.URL)
	if err != nil {
		return nil // not a URL this crawler wrote
	}
	info, known, err := r.frontier.State(u)
	if err != nil {
		return err
	}
	if !known || info.State != frontier.Pending {
		return nil
	}
	item := frontier.Item{Link: info.Link, Attempt: 1, Prior: info.Prior}
	resp, err := r.stored(e, path)
	if err != nil {
		return fmt.Errorf("replay record of %q: %w", e.URL, err)
	}
	var turned bool
	item.Link, turned = r.linker.asPage(item.Link, resp)
	f := r.linker.find(item.Link, resp)
	r.limitSitemaps(&f)
	s := Stored{
		Status: resp.Status, Requisite: item.Requisite, Sitemap: item.Sitemap != frontier.NoSitemap, Truncated: e.Truncated,
		Revisit: e.Type == warc.TypeRevisit,
	}
	out := frontier.Outcome{
		State: frontier.Stored, Status: resp.Status, Segment: e.Filename, Offset: e.Offset, Length: e.Length,
		RecordID: e.RecordID, Digest: e.Digest, Date: e.Date(), Page: s.page(), Revisit: s.Revisit,
		Links: f.links,
	}
	got := r.itemizer.take(item.Link, resp, e.Date())
	out.Items = got.lines
	if err := r.tell(ctx, answer{item: item, resp: resp, stored: s, date: e.Date(), extract: got.found}); err != nil {
		return err
	}
	out.ETag, out.LastModified = validators(resp.Get, resp.Status, e.Truncated != "")
	if turned {
		out.ETag, out.LastModified = "", ""
	}
	if _, err := r.mark(item, out, func(c *counters) { c.stored(s); c.took(got); c.Sitemaps.add(f.sitemaps) }); err != nil {
		return err
	}
	r.mended.Replayed++
	return nil
}

// stored reads a record back as it came from the wire. Of an unchanged page
// there is only the head; the body is where the record refers to.
func (r *run) stored(e store.Entry, path string) (*store.Response, error) {
	resp, err := store.ReadResponse(path, e.Offset, e.Length)
	if err != nil || e.Type != warc.TypeRevisit || resp.Status == http.StatusNotModified || e.RefSegment == "" {
		return resp, err
	}
	first, err := store.ReadResponse(filepath.Join(r.cfg.Dir, archiveDir, e.RefSegment), e.RefOffset, e.RefLength)
	if err != nil {
		return nil, err
	}
	resp.Body = first.Body
	return resp, nil
}

// uncount takes what was lost out of the counters again.
func (r *run) uncount(lost []frontier.Mark) {
	r.tally.add(func(c *counters) {
		for _, m := range lost {
			if m.State != frontier.Stored {
				continue
			}
			c.Fetched--
			c.Status[strconv.Itoa(m.Status)]--
			switch {
			case m.Page:
				c.Pages--
			case m.Sitemap != frontier.NoSitemap:
				if isSuccess(m.Status) || m.Status == http.StatusNotModified {
					c.Sitemaps.Files--
				}
			case isSuccess(m.Status) || m.Status == http.StatusNotModified:
				c.Requisites--
			}
		}
	})
}
