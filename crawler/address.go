package crawler

import (
	"context"

	"tandem/crawler/frontier"
)

// locate tells the frontier at which address an item's host is reached, before the host is asked for the first time: hosts of one
// address share its limits. With several addresses it is the first, which is dialled first. It reports false when the item was put
// back: it comes again when its address allows it. A host that has no address, or may not be reached, is left to the exchange to say so.
func (r *run) locate(ctx context.Context, item frontier.Item) (bool, error) {
	if item.Placed || r.cfg.IPConcurrency == 0 && r.cfg.IPRate == 0 {
		return true, nil
	}
	vetted, err := r.client.Vet(ctx, item.URL.HostPort())
	if err != nil || len(vetted) == 0 || ctx.Err() != nil {
		return true, nil
	}
	for _, v := range vetted {
		if v.Err != nil {
			return true, nil
		}
	}
	r.frontier.SetAddress(item.URL.Authority(), vetted[0].Addr.Addr().String())
	return false, r.frontier.PutBack(item)
}
