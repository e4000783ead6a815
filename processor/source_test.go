package processor

import "testing"

func TestWARCFilesAreKnownByName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"a.warc": true, "a.warc.gz": true, "a.warc.zst": true, "A.WARC.ZST": true,
		"a.warc.gz.open": false, "a.warc.xz": false, "a.zst": false, "warc.gz": false,
	} {
		if got := isWARC(name); got != want {
			t.Errorf("%s: %t, want %t", name, got, want)
		}
	}
}
