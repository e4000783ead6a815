package dedup_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/simhash"
	"tandem/processor/dedup"
)

// words makes a text of n word hashes.
func words(r *rand.Rand, n int) []uint64 {
	w := make([]uint64, n)
	for i := range w {
		w[i] = r.Uint64()
	}
	return w
}

// edited changes every step'th word.
func edited(r *rand.Rand, w []uint64, step int) []uint64 {
	out := slices.Clone(w)
	for i := step / 2; i < len(out); i += step {
		out[i] = r.Uint64()
	}
	return out
}

// byID turns indices into "member of" names, so that results of different orders can be compared.
func byID(items []dedup.Item, groups []int) map[string]string {
	m := map[string]string{}
	for i, g := range groups {
		m[items[i].ID] = items[g].ID
	}
	return m
}

func TestGroups(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	base, other := words(r, 500), words(r, 500)
	sig := simhash.MinHash
	tests := []struct {
		name  string
		items []dedup.Item
		want  []int
	}{
		{"nothing", nil, []int{}},
		{"alone", []dedup.Item{{ID: "a", Signature: sig(base)}}, []int{0}},
		{"unrelated", []dedup.Item{{ID: "a", Signature: sig(base)}, {ID: "b", Signature: sig(other)}}, []int{0, 1}},
		{"near, smallest ID last", []dedup.Item{{ID: "b", Signature: sig(base)}, {ID: "a", Signature: sig(edited(r, base, 100))}}, []int{1, 1}},
		{"too far", []dedup.Item{{ID: "a", Signature: sig(base)}, {ID: "b", Signature: sig(edited(r, base, 10))}}, []int{0, 1}},
		{"same digest, no signature", []dedup.Item{{ID: "a", Digest: "x"}, {ID: "b", Digest: "y"}, {ID: "c", Digest: "x"}}, []int{0, 1, 0}},
		{"unknown digest is no digest", []dedup.Item{{ID: "a"}, {ID: "b"}}, []int{0, 1}},
		{"short signature is none", []dedup.Item{{ID: "a", Signature: []uint32{1}}, {ID: "b", Signature: []uint32{1}}}, []int{0, 1}},
		{"digest and text chain up", []dedup.Item{
			{ID: "c", Digest: "x", Signature: sig(base)},
			{ID: "b", Digest: "x"},
			{ID: "a", Digest: "y", Signature: sig(edited(r, base, 100))},
		}, []int{2, 2, 2}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, dedup.Groups(tt.items, dedup.DefaultThreshold)); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
		})
	}
}

func TestThreshold(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	base := words(r, 2000)
	a, b := simhash.MinHash(base), simhash.MinHash(edited(r, base, 50))
	items := []dedup.Item{{ID: "a", Signature: a}, {ID: "b", Signature: b}}
	is := simhash.Similarity(a, b)
	for threshold, want := range map[float64]int{-1: 0, is - 0.01: 0, is: 0, is + 0.01: 1, 7: 1} {
		if got := dedup.Groups(items, threshold)[1]; got != want {
			t.Errorf("similarity %.3f, threshold %.3f: second item belongs to %d, want %d", is, threshold, got, want)
		}
	}
}

// corpus has families of edited texts, exact copies, and loners.
func corpus(r *rand.Rand, n int) []dedup.Item {
	var items []dedup.Item
	for len(items) < n {
		base := words(r, 200+r.IntN(400))
		for range r.IntN(5) + 1 {
			w := edited(r, base, 20+r.IntN(200))
			digest := fmt.Sprint(r.Uint64())
			for range r.IntN(2) + 1 {
				items = append(items, dedup.Item{ID: fmt.Sprintf("u%08x", r.Uint32()), Digest: digest, Signature: simhash.MinHash(w)})
			}
		}
	}
	return items
}

func TestGroupsDoNotDependOnOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(3, seed))
		items := corpus(r, 300)
		want := byID(items, dedup.Groups(items, 0.8))
		for range 3 {
			r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
			if diff := cmp.Diff(want, byID(items, dedup.Groups(items, 0.8))); diff != "" {
				t.Fatalf("seed %d: another order gives other groups:\n%s", seed, diff)
			}
		}
		for id, rep := range want {
			if rep > id || want[rep] != rep {
				t.Fatalf("seed %d: %s is represented by %s, which is represented by %s", seed, id, rep, want[rep])
			}
		}
	}
}

func TestRecallAndPrecision(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	pairs := func(step int) int {
		var items []dedup.Item
		for i := range 300 {
			base := words(r, 600)
			items = append(items,
				dedup.Item{ID: fmt.Sprintf("%04d a", i), Signature: simhash.MinHash(base)},
				dedup.Item{ID: fmt.Sprintf("%04d b", i), Signature: simhash.MinHash(edited(r, base, step))})
		}
		found := 0
		for i, g := range dedup.Groups(items, dedup.DefaultThreshold) {
			if g/2 != i/2 {
				t.Errorf("unrelated texts %s and %s are in one group", items[i].ID, items[g].ID)
			}
			if g != i {
				found++
			}
		}
		return found
	}
	if got := pairs(100); got < 297 {
		t.Errorf("1 %% edits: %d of 300 pairs found, want at least 297", got)
	}
	if got := pairs(50); got < 285 {
		t.Errorf("2 %% edits: %d of 300 pairs found, want at least 285", got)
	}
	if got := pairs(8); got > 3 {
		t.Errorf("12 %% edits: %d of 300 pairs found, want next to none", got)
	}
}

// Signatures made to collide in every band but in nothing else must not make the work quadratic. All pairs would be
// 3 × 7e7 comparisons here, which takes half a minute.
func TestCrowdedBucketsStayLinear(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	items := make([]dedup.Item, 12_000)
	for i := range items {
		sig := make([]uint32, simhash.Lanes)
		for band := range simhash.Bands {
			shared := band < 3 // three crowded bands, a similarity of 0.21
			for row := range simhash.Rows {
				if !shared {
					sig[band*simhash.Rows+row] = r.Uint32()
				}
			}
		}
		items[i] = dedup.Item{ID: fmt.Sprintf("%06d", i), Signature: sig}
	}
	for i, g := range dedup.Groups(items, 0.8) {
		if g != i {
			t.Fatalf("item %d joined %d", i, g)
		}
	}
}

func TestManyCopies(t *testing.T) {
	t.Parallel()
	sig := simhash.MinHash(words(rand.New(rand.NewPCG(6, 6)), 100))
	items := make([]dedup.Item, 50_000)
	for i := range items {
		items[i] = dedup.Item{ID: fmt.Sprintf("%06d", len(items)-i), Signature: sig}
	}
	for i, g := range dedup.Groups(items, 0.8) {
		if g != len(items)-1 {
			t.Fatalf("item %d is represented by %d, want the smallest ID, %d", i, g, len(items)-1)
		}
	}
}

func BenchmarkGroups(b *testing.B) {
	items := corpus(rand.New(rand.NewPCG(7, 7)), 50_000)
	b.ReportAllocs()
	for b.Loop() {
		dedup.Groups(items, 0.8)
	}
	b.ReportMetric(float64(len(items)*b.N)/b.Elapsed().Seconds(), "docs/s")
}
