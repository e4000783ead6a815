package dedup_test

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/processor/dedup"
)

func flip(r *rand.Rand, h uint64, n int) uint64 {
	for _, bit := range r.Perm(64)[:n] {
		h ^= 1 << bit
	}
	return h
}

func TestImageGroups(t *testing.T) {
	t.Parallel()
	const h = 0xaaaa5555aaaa5555
	tests := []struct {
		name     string
		images   []dedup.Image
		distance int
		want     []int
	}{
		{"nothing", nil, 6, []int{}},
		{"equal hashes", []dedup.Image{{ID: "b", PHash: h}, {ID: "a", PHash: h}}, 0, []int{1, 1}},
		{"at the distance", []dedup.Image{{ID: "a", PHash: h}, {ID: "b", PHash: h ^ 0x3f}}, 6, []int{0, 0}},
		{"beyond the distance", []dedup.Image{{ID: "a", PHash: h}, {ID: "b", PHash: h ^ 0x7f}}, 6, []int{0, 1}},
		{"spread over the words", []dedup.Image{{ID: "a", PHash: h}, {ID: "b", PHash: h ^ 0x0003_0003_0001_0001}}, 6, []int{0, 0}},
		{"flat pictures", []dedup.Image{{ID: "a", PHash: 1}, {ID: "b", PHash: 1}, {ID: "c"}, {ID: "d", PHash: ^uint64(0)}}, 6, []int{0, 1, 2, 3}},
		{"equal bytes", []dedup.Image{{ID: "b", Digest: "x", PHash: 1}, {ID: "a", Digest: "x", PHash: 1}}, 6, []int{1, 1}},
		{"distance is clamped", []dedup.Image{{ID: "a", PHash: h}, {ID: "b", PHash: ^uint64(h)}}, 64, []int{0, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, dedup.ImageGroups(tt.images, tt.distance)); diff != "" {
				t.Errorf("groups (-want +got):\n%s", diff)
			}
		})
	}
}

// slowGroups compares every pair.
func slowGroups(images []dedup.Image, distance int) map[string]string {
	best := map[string]string{}
	for _, im := range images {
		best[im.ID] = im.ID
	}
	for changed := true; changed; {
		changed = false
		for _, a := range images {
			for _, b := range images {
				if bits.OnesCount64(a.PHash^b.PHash) <= distance && best[a.ID] < best[b.ID] {
					best[b.ID], changed = best[a.ID], true
				}
			}
		}
	}
	return best
}

func TestImageGroupsEqualTheSlowWayInAnyOrder(t *testing.T) {
	t.Parallel()
	for distance := range dedup.MaxDistance + 1 {
		r := rand.New(rand.NewPCG(8, uint64(distance)))
		var images []dedup.Image
		for len(images) < 250 {
			h := flip(r, 0, 32)
			for range r.IntN(4) + 1 {
				images = append(images, dedup.Image{ID: fmt.Sprintf("%08x", r.Uint32()), PHash: flip(r, h, r.IntN(distance+2))})
			}
		}
		want := slowGroups(images, distance)
		for range 2 {
			got := map[string]string{}
			for i, g := range dedup.ImageGroups(images, distance) {
				got[images[i].ID] = images[g].ID
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("distance %d (-slow +fast):\n%s", distance, diff)
			}
			r.Shuffle(len(images), func(i, j int) { images[i], images[j] = images[j], images[i] })
		}
	}
}

func BenchmarkImageGroups(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 9))
	images := make([]dedup.Image, 100_000)
	for i := range images {
		images[i] = dedup.Image{ID: fmt.Sprint(i), PHash: r.Uint64()}
	}
	b.ReportAllocs()
	for b.Loop() {
		dedup.ImageGroups(images, dedup.DefaultDistance)
	}
	b.ReportMetric(float64(len(images)*b.N)/b.Elapsed().Seconds(), "images/s")
}
