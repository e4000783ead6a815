package crawler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"time"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
	"tandem/internal/units"
	"tandem/store"
)

// work takes items until there are none left or the run stops. It returns an
// error only when the run cannot go on.
func (r *run) work(ctx context.Context) error {
	for {
		item, err := r.frontier.Next(ctx)
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, frontier.ErrDrained), ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		}
		if err := r.handle(ctx, item); err != nil {
			return err
		}
	}
}

// handle takes one item through its life. An item that is left without Done
// stays pending, on disk too: the next start fetches it.
func (r *run) handle(ctx context.Context, item frontier.Item) error {
	if !item.Requisite {
		if !r.budget.admit(ctx) {
			r.stop(errBudget)
			return nil
		}
		defer r.budget.release()
	} else if r.budget.spent(time.Now()) {
		r.stop(errBudget)
		return nil
	}
	if allowed, err := r.permitted(ctx, item); !allowed {
		return err
	}
	if !r.pace(ctx) {
		return nil
	}
	began := time.Now()
	resp, err := r.client.Do(ctx, r.request(item))
	r.tally.waited("network", time.Since(began))
	if err != nil && ctx.Err() != nil {
		return nil // interrupted: stays pending
	}
	v := judge(resp, err, item.Attempt, time.Now())
	if resp != nil {
		defer resp.Release()
		r.tally.add(func(c *counters) { c.Bytes += resp.BytesIn })
	}
	switch {
	case v.retry:
		return r.again(item, v)
	case err != nil:
		return r.giveUp(item, v, err)
	}
	return r.keep(item, resp)
}

// permitted asks the host's robots.txt. When it answers false the item has
// been dealt with.
func (r *run) permitted(ctx context.Context, item frontier.Item) (bool, error) {
	if r.cfg.IgnoreRobots {
		return true, nil
	}
	began := time.Now()
	rules, asked, err := r.robots.rules(ctx, item.URL)
	r.tally.waited("robots", time.Since(began))
	if ctx.Err() != nil {
		return false, nil
	}
	if err != nil {
		v := judge(nil, err, item.Attempt, time.Now())
		if v.retry {
			return false, r.again(item, v)
		}
		return false, r.giveUp(item, v, err)
	}
	if ok, _ := rules.Allowed(item.URL.RequestURI()); !ok {
		r.tally.skip("robots", 1)
		r.cfg.Listener.skipped(item.URL.String(), "robots")
		if item.Seed {
			r.noteSeed(item, errDisallowed)
		}
		_, err := r.frontier.Done(item, frontier.Outcome{State: frontier.Skipped, Reason: "robots", Date: time.Now()})
		return false, err
	}
	if !asked {
		return true, nil
	}
	r.slowDown(item.URL, rules.CrawlDelay())
	// robots.txt used this item's turn; the page itself waits for the next.
	return false, r.frontier.PutBack(item)
}

// maxCrawlDelay caps what a robots.txt can ask for.
const maxCrawlDelay = 60 * time.Second

// slowDown obeys a Crawl-delay that is slower than the job's own rate.
func (r *run) slowDown(u weburl.URL, delay time.Duration) {
	delay = min(delay, maxCrawlDelay)
	if delay <= 0 {
		return
	}
	rate := units.Rate(1 / delay.Seconds())
	if own := r.cfg.HostRate; own > 0 && own <= rate {
		return
	}
	r.frontier.SetHostRate(u.Host(), rate)
}

// pace waits for the limiter over all hosts.
func (r *run) pace(ctx context.Context) bool {
	if r.limiter == nil {
		return true
	}
	began := time.Now()
	err := r.limiter.Wait(ctx)
	r.tally.waited("limiter", time.Since(began))
	return err == nil
}

// request renders an item's request. Conditional headers ask only for what has
// changed since the last run.
func (r *run) request(item frontier.Item) *transport.Request {
	req := &transport.Request{Method: http.MethodGet, Target: target(item.URL)}
	listed := r.cfg.List != nil && item.Seed
	if listed || r.origins[item.URL.Origin()] {
		req.Header = append(req.Header, r.headers...)
	}
	if p := item.Prior; p != nil {
		if p.ETag != "" {
			req.Header = append(req.Header, [2]string{"If-None-Match", p.ETag})
		}
		if p.LastModified != "" {
			req.Header = append(req.Header, [2]string{"If-Modified-Since", p.LastModified})
		}
	}
	return req
}

// again puts an item back for another try.
func (r *run) again(item frontier.Item, v verdict) error {
	r.tally.retry()
	r.cfg.Listener.retried(item.URL.String(), v.class, v.after)
	at := time.Now().Add(v.after)
	if v.pause {
		r.frontier.Pause(item.URL.Host(), at)
	}
	return r.frontier.Retry(item, at)
}

// giveUp records that an item will not be fetched in this run.
func (r *run) giveUp(item frontier.Item, v verdict, cause error) error {
	out := frontier.Outcome{State: frontier.Failed, Reason: v.class, Date: time.Now()}
	r.cfg.Logger.Info("not fetched", "url", item.URL.String(), "reason", v.class, "attempt", item.Attempt, "err", cause)
	if v.skip {
		out.State = frontier.Skipped
		r.tally.skip(v.class, 1)
		r.cfg.Listener.skipped(item.URL.String(), v.class)
	} else {
		r.tally.fail(v.class)
		r.cfg.Listener.failed(item.URL.String(), v.class, cause)
	}
	if item.Seed {
		r.noteSeed(item, cause)
	}
	_, err := r.frontier.Done(item, out)
	return err
}

// keep appends a response to the archive, then marks it done together with its
// links: in that order, so that a crash between the two loses nothing.
func (r *run) keep(item frontier.Item, resp *transport.Response) error {
	now := time.Now()
	sum := sha256.Sum256(resp.Body)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	x := exchange(item, resp, digest)
	began := time.Now()
	pos, err := r.archive.Append(x)
	switch {
	case errors.Is(err, store.ErrExchange): // this one cannot be a record; the archive is sound
		return r.giveUp(item, verdict{class: "unstorable"}, err)
	case err != nil:
		return err
	}
	r.tally.waited("archive", time.Since(began))
	msg := message(resp)
	f := r.linker.find(item.Link, msg)
	page := isPageStatus(resp.Status) && !item.Requisite
	s := Stored{
		URL: item.URL.String(), Status: resp.Status, Mime: x.Mime, Bytes: resp.BytesIn,
		Depth: item.Depth, Requisite: item.Requisite, Truncated: resp.Truncated,
	}
	r.tally.stored(s, page, x.Revisit != nil)
	if item.Seed && !isPageStatus(resp.Status) {
		r.noteSeed(item, statusError(resp))
	}
	added, err := r.mark(item, r.outcome(item, resp, x, pos, page, f.links, now))
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

// mark writes a done mark together with the counters as of then. One after the
// other, or else an older snapshot might be the last one written.
func (r *run) mark(item frontier.Item, out frontier.Outcome) (added int, err error) {
	r.marking.Lock()
	defer r.marking.Unlock()
	out.Counters = []byte(r.tally.encode(time.Now()))
	return r.frontier.Done(item, out)
}

// outcome is what the frontier keeps of a stored response. A 304 keeps the
// validators and the place of the payload that it confirms.
func (r *run) outcome(item frontier.Item, resp *transport.Response, x *store.Exchange, pos store.Position, page bool, links []frontier.Link, now time.Time) frontier.Outcome {
	out := frontier.Outcome{
		State: frontier.Stored, Status: resp.Status, Segment: pos.Segment, Offset: pos.Offset, Length: pos.Length,
		RecordID: pos.RecordID, Digest: x.PayloadDigest, ETag: resp.Get("ETag"), LastModified: resp.Get("Last-Modified"),
		Date: now, Page: page, Links: links,
		Revisit: x.Revisit != nil,
	}
	return out
}
