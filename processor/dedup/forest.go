package dedup

import (
	"iter"
	"slices"
	"strings"
)

// forest is a union-find over item indices. Which item is a root depends on the order of unions; who is in a
// component does not, and only that is reported.
type forest struct {
	parent []int32
}

func newForest(n int) *forest {
	f := &forest{parent: make([]int32, n)}
	for i := range f.parent {
		f.parent[i] = int32(i)
	}
	return f
}

func (f *forest) find(i int32) int32 {
	for f.parent[i] != i {
		f.parent[i] = f.parent[f.parent[i]]
		i = f.parent[i]
	}
	return i
}

func (f *forest) union(a, b int32) {
	a, b = f.find(a), f.find(b)
	f.parent[max(a, b)] = min(a, b)
}

// representatives returns the member with the smallest ID of each item's component; of equal IDs, the first.
func (f *forest) representatives(id func(int) string) []int {
	best := make([]int, len(f.parent))
	for i := range best {
		best[i] = -1
	}
	for i := range f.parent {
		root := f.find(int32(i))
		if best[root] < 0 || id(i) < id(best[root]) {
			best[root] = i
		}
	}
	// A root's own entry is read by its members, so it is replaced by the answer only in a slice of its own.
	out := make([]int, len(best))
	for i := range out {
		out[i] = best[f.find(int32(i))]
	}
	return out
}

// joinEqual joins the items with the same key, which is not empty.
func joinEqual(sets *forest, n int, key func(int) string) {
	order := make([]int32, 0, n)
	for i := range n {
		if key(i) != "" {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(key(int(a)), key(int(b))) })
	joinRuns(sets, order, func(a, b int32) bool { return key(int(a)) == key(int(b)) })
}

// joinRuns joins the neighbours in a sorted list that are equal and returns, in place, the first of each run.
func joinRuns(sets *forest, sorted []int32, equal func(a, b int32) bool) []int32 {
	distinct := sorted[:0]
	for run := range runs(sorted, equal) {
		first := run[0]
		for _, other := range run[1:] {
			sets.union(first, other)
		}
		distinct = append(distinct, first)
	}
	return distinct
}

// runs yields the stretches of equal neighbours. The stretch may be overwritten once the next one is asked for.
func runs[T any](sorted []T, equal func(a, b T) bool) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for start := 0; start < len(sorted); {
			end := start + 1
			for end < len(sorted) && equal(sorted[start], sorted[end]) {
				end++
			}
			if !yield(sorted[start:end]) {
				return
			}
			start = end
		}
	}
}
