package report

import (
	"maps"
	"slices"
	"strings"

	"tandem/internal/units"
)

// Counts lists the counters that are not zero, by name, for a cell of a Table;
// "none" if there are none.
func Counts(m map[string]int64) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if m[k] != 0 {
			parts = append(parts, strings.ReplaceAll(k, "_", " ")+" "+units.FormatCount(m[k]))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}
