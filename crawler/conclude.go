package crawler

import (
	"context"
	"errors"
	"net/http"
	"time"

	"tandem/crawler/frontier"
	"tandem/internal/transport"
	"tandem/store"
)

// conclude brings one try of an item to its end: put back, given up or kept.
//
// An answer is trusted only when its connection has stayed quiet for a moment
// after it: a server that sends more answers than it was asked for would
// otherwise have one page stored under the next one's URL.
func (r *run) conclude(ctx context.Context, item frontier.Item, resp *transport.Response, err error, patience time.Duration) error {
	if resp != nil {
		defer resp.Release()
		r.tally.add(func(c *counters) { c.Bytes += resp.BytesIn })
		began := time.Now()
		if err = resp.Settle(ctx); err != nil {
			resp = nil
		}
		r.tally.waited("settling", time.Since(began))
	}
	if err != nil && ctx.Err() != nil {
		return nil // interrupted: stays pending
	}
	r.health.note(item.URL.HostPort(), err, time.Now())
	attempt := r.missed.count(item.URL, err, item.Attempt)
	v := judge(resp, err, attempt, time.Now())
	if resp != nil && r.cookies.set(item.URL, resp.Values("Set-Cookie")) && backToItself(item, resp) {
		v = verdict{retry: attempt < maxTries, class: "cookie"}
	}
	v.retry = v.retry && !waitedEnough(v.class, attempt, r.cfg.Timeout.D(), patience)
	if v.later {
		v.pause = r.pacer.sendAway(item.URL.Authority())
	}
	if v.pause > 0 {
		r.frontier.Pause(item.URL.Authority(), time.Now().Add(v.pause))
	}
	switch {
	case v.retry && !idleGuess(item, v):
		return r.again(item, v)
	case err != nil:
		return r.fail(ctx, item, v, err)
	}
	return r.keep(ctx, item, resp)
}

// backToItself reports whether an answer redirects to its own URL: with other
// cookies, that means to ask again with them.
func backToItself(item frontier.Item, resp *transport.Response) bool {
	location := resp.Get("Location")
	if resp.Status < 300 || resp.Status >= 400 || location == "" {
		return false
	}
	to, err := item.URL.Resolve(location)
	return err == nil && to == item.URL
}

// again puts an item back for another try.
func (r *run) again(item frontier.Item, v verdict) error {
	r.tally.retry()
	r.cfg.Listener.retried(item.URL.String(), v.class, v.after)
	return r.frontier.Retry(item, time.Now().Add(v.after))
}

// giveUp records that an item will not be fetched in this run.
func (r *run) giveUp(item frontier.Item, v verdict, cause error) error {
	if item.Sitemap == frontier.GuessedSitemap {
		return r.noSitemap(item)
	}
	out := frontier.Outcome{State: frontier.Failed, Reason: v.class, Date: time.Now()}
	r.cfg.Logger.Info("not fetched", "url", item.URL.String(), "reason", v.class, "attempt", item.Attempt, "err", cause)
	count := func(c *counters) { c.fail(item.URL.String(), v.class) }
	if v.skip {
		out.State = frontier.Skipped
		count = func(c *counters) { c.Skipped[v.class]++ }
		r.cfg.Listener.skipped(item.URL.String(), v.class)
	} else {
		r.cfg.Listener.failed(item.URL.String(), v.class, cause)
	}
	if item.Seed {
		r.noteSeed(item, cause)
	}
	_, err := r.mark(item, out, func(c *counters) {
		count(c)
		if item.Sitemap != frontier.NoSitemap {
			c.Sitemaps.Errors++
		}
	})
	return err
}

// keep appends a response to the archive, then marks it done together with its
// links: in that order, so that a crash between the two loses nothing.
func (r *run) keep(ctx context.Context, item frontier.Item, resp *transport.Response) error {
	msg, digest, done := r.heavy.readable(resp)
	defer done()
	if r.linker.wrongGuess(item.Link, msg) {
		return r.noSitemap(item)
	}
	var turned bool
	item.Link, turned = r.linker.asPage(item.Link, msg)
	x := exchange(item, resp, digest)
	x.Request = r.identity.mask(x.Request)
	f := r.linker.find(item.Link, msg)
	r.limitSitemaps(&f)
	r.untrap(&item.Link, msg, &f)
	x.Meta.NoIndex = f.robots.NoIndexAt(x.Date)
	got := r.itemizer.take(item.Link, msg, x.Date)
	resp.Reframe()
	x.Response = resp.Raw
	began := time.Now()
	pos, err := r.archive.Append(x)
	switch {
	case errors.Is(err, store.ErrExchange): // this one cannot be a record; the archive is sound
		return r.fail(ctx, item, verdict{class: "unstorable"}, err)
	case err != nil:
		return err
	}
	r.tally.waited("archive", time.Since(began))
	s := Stored{
		URL: item.URL.String(), Status: resp.Status, Mime: x.Mime, Bytes: resp.BytesIn,
		Depth: item.Depth, Requisite: item.Requisite, Truncated: resp.Truncated, Revisit: x.Revisit != nil,
		Sitemap: item.Sitemap != frontier.NoSitemap,
	}
	if (r.cfg.OnPage != nil || r.cfg.OnHTML != nil) && resp.Framed() { // the archive has the body as it came
		resp.Unframe()
		msg.Body = resp.Body
	}
	if err := r.tell(ctx, answer{item: item, resp: msg, stored: s, date: x.Date, extract: got.found}); err != nil {
		return interrupted(ctx, err)
	}
	if item.Seed {
		r.judgeSeed(item, resp)
	}
	out := outcome(resp, x, pos, s, f.links)
	out.Items = got.lines
	if turned {
		f.sitemaps.Errors++
		out.ETag, out.LastModified = "", "" // to see again what it is, its body is needed
	}
	added, err := r.mark(item, out, func(c *counters) { c.stored(s); c.took(got); c.Sitemaps.add(f.sitemaps) })
	if err != nil {
		return err
	}
	for reason, n := range f.skipped {
		r.tally.skip(reason, n)
	}
	r.tally.skip("seen", int64(len(f.links)-added))
	s.Links = added
	r.cfg.Listener.stored(s)
	return nil
}

// mark counts an outcome and writes its done mark together with the counters
// as of then. Marks are made one after the other: a snapshot never counts a
// page whose mark may be lost, and an older one is never the last one written.
func (r *run) mark(item frontier.Item, out frontier.Outcome, count func(*counters)) (added int, err error) {
	r.missed.forget(item.URL)
	r.marking.Lock()
	defer r.marking.Unlock()
	r.tally.add(count)
	r.markBuf = r.tally.appendTo(r.markBuf[:0], time.Now())
	out.Counters = r.markBuf
	return r.frontier.Done(item, out)
}

// outcome is what the frontier keeps of a stored response.
func outcome(resp *transport.Response, x *store.Exchange, pos store.Position, s Stored, links []frontier.Link) frontier.Outcome {
	out := frontier.Outcome{
		State: frontier.Stored, Status: resp.Status, Segment: pos.Segment, Offset: pos.Offset, Length: pos.Length,
		RecordID: pos.RecordID, Digest: x.PayloadDigest, Date: time.Now(), Page: s.page(), Links: links, Revisit: s.Revisit,
	}
	out.ETag, out.LastModified = validators(resp.Get, resp.Status, resp.Truncated != "")
	return out
}

// validators are what a recrawl may ask with. A page that was cut, or an error,
// must be fetched whole the next time; what is no field value cannot be sent.
func validators(get func(string) string, status int, cut bool) (etag, modified string) {
	if cut || !isSuccess(status) && status != http.StatusNotModified {
		return "", ""
	}
	return fieldValue(get("ETag")), fieldValue(get("Last-Modified"))
}

// fieldValue returns s if it can be the value of a request header, else "".
func fieldValue(s string) string {
	const longest = 1024
	if len(s) > longest {
		return ""
	}
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return ""
		}
	}
	return s
}
