package main

import "testing"

func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for live, want := range map[uint64]int64{
		0: 160 * mib, 112 * mib: 160 * mib, 150 * mib: 209 * mib, 200 * mib: 284 * mib, 1000 * mib: 1484 * mib,
	} {
		if got := memoryLimit(live); got != want {
			t.Errorf("%d MiB alive: %d MiB, want %d", live/mib, got/mib, want/mib)
		}
	}
}
