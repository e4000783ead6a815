package store

import (
	"errors"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"tandem/store/fsx"
	"tandem/store/warc"
)

// TestALargeGroupIsWrittenWholeOrNotAtAll makes each write of a response that is written in pieces fail, whole and half.
func TestALargeGroupIsWrittenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	eachPacking(t, aLargeGroupIsWrittenWholeOrNotAtAll)
}

func aLargeGroupIsWrittenWholeOrNotAtAll(t *testing.T, c warc.Compression) {
	random := make([]byte, maxPooled+pieceSize/2)
	_, _ = rand.NewChaCha8([32]byte{}).Read(random)
	large := exchange(2, "Content-Type: image/jpeg\r\n", string(random))
	for n := 1; ; n++ {
		for _, fault := range []error{errInjected, &fsx.ShortWrite{N: 1000, Err: errInjected}} {
			cfg := packedConfig(t.TempDir(), c)
			fs := fsx.NewFault(quick{fsx.OS()}, nil)
			cfg.FS = fs
			w := mustOpen(t, cfg)
			mustAppend(t, w, page(1))
			before := fs.Count(fsx.OpWrite)
			fs.SetDecide(fsx.FailNth(fsx.OpWrite, before+n, fault))
			_, err := w.Append(large)
			fs.SetDecide(nil)
			if err == nil {
				if n < maxPooled/pieceSize {
					t.Errorf("only %d writes", n-1)
				}
				mustDo(t, "close", w.Close())
				return
			}
			if !errors.Is(err, errInjected) {
				t.Fatal(err)
			}
			after := mustAppend(t, w, page(3))
			pos := mustAppend(t, w, large)
			mustDo(t, "close", w.Close())
			if got := checkArchive(t, cfg.Dir); len(got) != 3 {
				t.Errorf("write %d: %v are stored", n, got)
			}
			for want, at := range map[int]Position{len(page(3).Response): after, len(large.Response): pos} {
				r, err := ReadResponse(filepath.Join(cfg.Dir, at.Segment), at.Offset, at.Length)
				if err != nil || len(r.Body) >= want || len(r.Body) < want-200 {
					t.Errorf("write %d: read back: %v", n, err)
				}
			}
		}
	}
}
