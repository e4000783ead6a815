package simhash_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tandem/internal/simhash"
)

func vocabulary(r *rand.Rand, n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = fmt.Sprintf("w%d", r.IntN(5000))
	}
	return words
}

// edit replaces each word with the given probability.
func edit(r *rand.Rand, words []string, p float64) []string {
	out := slices.Clone(words)
	for i := range out {
		if r.Float64() < p {
			out[i] = fmt.Sprintf("edited%d", r.IntN(1e6))
		}
	}
	return out
}

func hashes(words []string) []uint64 {
	hs := make([]uint64, len(words))
	for i, w := range words {
		hs[i] = simhash.Hash(w)
	}
	return hs
}

func jaccard(a, b []string) float64 {
	set := func(words []string) map[string]bool {
		m := map[string]bool{}
		for i := 0; i+simhash.ShingleWords <= len(words); i++ {
			m[strings.Join(words[i:i+simhash.ShingleWords], " ")] = true
		}
		return m
	}
	sa, sb := set(a), set(b)
	both := 0
	for s := range sa {
		if sb[s] {
			both++
		}
	}
	return float64(both) / float64(len(sa)+len(sb)-both)
}

// The values are stored in datasets: these must never change without a new task version.
func TestValuesAreFixed(t *testing.T) {
	t.Parallel()
	if got, want := simhash.Hash("tandem"), uint64(0x9f50a7e3b2ed7bb); got != want {
		t.Errorf("Hash(tandem) = %#x, want %#x", got, want)
	}
	words := strings.Fields("the quick brown fox jumps over the lazy dog")
	if got, want := simhash.Of(words), uint64(0x33ae0e1139e23aec); got != want {
		t.Errorf("Of(fox) = %#x, want %#x", got, want)
	}
	sig := simhash.MinHash(hashes(words))
	var sum uint64
	for _, v := range sig {
		sum = sum*31 + uint64(v)
	}
	if want := uint64(0x9ebb0dfd6bd61b87); len(sig) != simhash.Lanes || sum != want {
		t.Errorf("MinHash(fox): %d lanes, checksum %#x, want %d and %#x", len(sig), sum, simhash.Lanes, want)
	}
}

func TestSimHashIgnoresOrderAndFollowsEdits(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	words := vocabulary(r, 400)
	shuffled := slices.Clone(words)
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	a := simhash.Of(words)
	if d := simhash.Distance(a, simhash.Of(shuffled)); d != 0 {
		t.Errorf("distance to the shuffled text = %d, want 0", d)
	}
	near := simhash.Distance(a, simhash.Of(edit(r, words, 0.03)))
	far := simhash.Distance(a, simhash.Of(vocabulary(r, 400)))
	if near > 12 || far < 18 {
		t.Errorf("distance after 3 %% edits = %d, to another text = %d", near, far)
	}
	if got := simhash.Of(nil); got != 0 {
		t.Errorf("Of(nil) = %#x, want 0", got)
	}
}

func TestSimilarityEstimatesJaccard(t *testing.T) {
	t.Parallel()
	for _, p := range []float64{0, 0.01, 0.03, 0.1, 0.3, 1} {
		r := rand.New(rand.NewPCG(2, uint64(p*100)))
		bias, n := 0.0, 200
		for range n {
			a := vocabulary(r, 300)
			b := edit(r, a, p)
			got := simhash.Similarity(simhash.MinHash(hashes(a)), simhash.MinHash(hashes(b)))
			diff := got - jaccard(a, b)
			if math.Abs(diff) > 0.25 {
				t.Errorf("edits %.2f: similarity %.2f is %.2f off", p, got, diff)
			}
			bias += diff / float64(n)
		}
		if math.Abs(bias) > 0.02 {
			t.Errorf("edits %.2f: mean error %.3f, want about 0", p, bias)
		}
	}
}

func TestBandsFindNearDuplicates(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	shared := func(p float64) int {
		found := 0
		for range 500 {
			a := vocabulary(r, 300)
			sa, sb := simhash.MinHash(hashes(a)), simhash.MinHash(hashes(edit(r, a, p)))
			for band := range simhash.Bands {
				if simhash.Band(sa, band) == simhash.Band(sb, band) {
					found++
					break
				}
			}
		}
		return found
	}
	if got := shared(0.03); got < 450 {
		t.Errorf("3 %% edits: %d of 500 pairs share a band, want at least 450", got)
	}
	if got := shared(0.5); got > 5 {
		t.Errorf("50 %% edits: %d of 500 pairs share a band, want next to none", got)
	}
}

func TestMinHashOfShortTexts(t *testing.T) {
	t.Parallel()
	if sig := simhash.MinHash(nil); sig != nil {
		t.Errorf("MinHash(nil) = %v, want nil", sig)
	}
	if got := simhash.Similarity(nil, nil); got != 0 {
		t.Errorf("Similarity(nil, nil) = %v, want 0", got)
	}
	one, two := simhash.MinHash(hashes([]string{"a"})), simhash.MinHash(hashes([]string{"a", "b"}))
	if got := simhash.Similarity(one, one); got != 1 {
		t.Errorf("a text is %v similar to itself, want 1", got)
	}
	if got := simhash.Similarity(one, two); got > 0.1 {
		t.Errorf("one word and two words are %v similar, want about 0", got)
	}
	if got := simhash.Similarity(one, two[:5]); got != 0 {
		t.Errorf("signatures of different lengths are %v similar, want 0", got)
	}
}

func BenchmarkMinHash(b *testing.B) {
	words := hashes(vocabulary(rand.New(rand.NewPCG(4, 4)), 600))
	b.ReportAllocs()
	for b.Loop() {
		simhash.MinHash(words)
	}
}

func BenchmarkSketch(b *testing.B) {
	words := hashes(vocabulary(rand.New(rand.NewPCG(5, 5)), 300))
	for b.Loop() {
		var s simhash.Sketch
		for _, h := range words {
			s.Add(h, 2)
		}
		s.Sum()
	}
}
