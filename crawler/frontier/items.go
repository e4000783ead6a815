package frontier

import (
	"iter"

	"github.com/cockroachdb/pebble/v2"
)

// settleItems replaces a page's items. A mark that is taken back by Reconcile leaves them: the page is pending then, and its next
// outcome replaces them again.
func settleItems(b *pebble.Batch, id uint32, items []byte) error {
	switch {
	case items == nil:
		return nil
	case len(items) == 0:
		return b.Delete(idKey(itemSpace, id), nil)
	}
	return b.Set(idKey(itemSpace, id), items, nil)
}

// Items implements [Frontier].
func (d *Durable) Items() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if err := d.enter(); err != nil {
			yield(nil, d.wrap("read items", err))
			return
		}
		defer d.leave()
		err := d.scan(spaceStart(itemSpace), spaceEnd(itemSpace), func(_, value []byte) error {
			if !yield(value, nil) {
				return errStopScan
			}
			return nil
		})
		if err != nil {
			yield(nil, d.wrap("read items", err))
		}
	}
}
