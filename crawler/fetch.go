package crawler

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
)

// work takes items until there are none left or the run stops. It returns an
// error only when the run cannot go on.
func (r *run) work(ctx context.Context) error {
	for {
		item, err := r.frontier.Next(ctx)
		if err == nil {
			item.Link.Via, err = r.frontier.Via(item)
		}
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
	if !r.reserve(ctx, item) {
		r.stop(errBudget)
		return nil
	}
	defer r.unreserve(item)
	if there, err := r.locate(ctx, item); !there {
		return err
	}
	if allowed, err := r.permitted(ctx, item); !allowed {
		return err
	}
	if trapped, err := r.trapped(item); trapped {
		return err
	}
	if !r.pace(ctx) {
		return nil
	}
	began := time.Now()
	req := r.request(item)
	req.Patience = r.patience.of(item.URL.HostPort())
	resp, err := r.client.Do(ctx, req)
	took := time.Since(began)
	r.tally.waited("network", took)
	r.patience.note(item, resp, err)
	if req.Patience == 0 || resp != nil { // a page that hangs as others of its host did says nothing of how much the host has to do
		r.slow(item, resp, err, took)
	}
	r.frontier.Release(item) // the host may be asked for another one while this answer settles
	return r.conclude(ctx, item, resp, err, req.Patience)
}

// reserve holds a page against the budget; unreserve gives it back.
func (r *run) reserve(ctx context.Context, item frontier.Item) bool {
	if mayBePage(item) {
		return r.budget.admit(ctx)
	}
	return !r.budget.spent(time.Now())
}

func (r *run) unreserve(item frontier.Item) {
	if mayBePage(item) {
		r.budget.release()
	}
}

// mayBePage reports whether an item may count against the pages: a sitemap can turn out to be one.
func mayBePage(item frontier.Item) bool { return !item.Requisite || item.Sitemap != frontier.NoSitemap }

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
	listed := r.cfg.List != nil && item.Seed && item.Redirects == 0
	req.Header = withCookies(r.identity.header(item.URL.Origin(), listed), r.cookies.header(item.URL))
	if p := item.Prior; p != nil && !r.whole {
		if p.ETag != "" {
			req.Header = append(req.Header, [2]string{"If-None-Match", p.ETag})
		}
		if p.LastModified != "" {
			req.Header = append(req.Header, [2]string{"If-Modified-Since", p.LastModified})
		}
	}
	return req
}

// get fetches a robots.txt through the same client and guard as the pages.
func (r *run) get(ctx context.Context, u weburl.URL, maxBody int64) (*transport.Response, error) {
	r.tally.add(func(c *counters) { c.RobotsFetched++ })
	return getSmall(ctx, r.client, r.identity, u, maxBody, r.patience.of(u.HostPort()), func(n int64) { r.tally.add(func(c *counters) { c.Bytes += n }) })
}

// getSmall fetches a robots.txt. received is told how many bytes came. It carries
// what the job says of its origin, since a site that wants a login for its pages
// wants it for this file; and no cookies, since rules are not for one session.
func getSmall(ctx context.Context, client *transport.Client, id *identity, u weburl.URL, maxBody int64, patience time.Duration, received func(int64)) (*transport.Response, error) {
	resp, err := client.Do(ctx, &transport.Request{Method: http.MethodGet, Target: target(u), Header: id.header(u.Origin(), false), MaxBody: maxBody, Patience: patience})
	if err != nil {
		return nil, err
	}
	received(resp.BytesIn)
	if err := resp.Settle(ctx); err != nil {
		resp.Release()
		return nil, err
	}
	resp.Unframe()
	return resp, nil // small: it need not be released
}
