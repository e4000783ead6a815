package processor

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"

	"tandem/store/fsx"
)

// writeQuarantine replaces quarantine.jsonl by what this run found: of every
// run of the inputs, sorted by run and URL.
func (p *Processor) writeQuarantine() error {
	slices.SortStableFunc(p.quarantine, func(a, b Quarantined) int {
		return cmp.Or(strings.Compare(a.Run, b.Run), strings.Compare(a.id(), b.id()))
	})
	err := fsx.Replace(p.cfg.FS, filepath.Join(p.dataset, quarantineFile), func(w io.Writer) error {
		return writeJSONL(w, iter.Seq2[Quarantined, error](func(yield func(Quarantined, error) bool) {
			for _, q := range p.quarantine {
				if !yield(q, nil) {
					return
				}
			}
		}))
	})
	if err != nil {
		return fmt.Errorf("write quarantine: %w", err)
	}
	return nil
}

func (o Origin) id() string {
	if o.URL != nil {
		return *o.URL
	}
	return deref(o.Path)
}
