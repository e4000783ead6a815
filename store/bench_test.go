package store

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"tandem/store/fsx"
	"tandem/store/warc"
)

// benchPages are exchanges whose bodies are Go's own sources in pieces of 20 KB, the size of a usual page.
func benchPages(b *testing.B) []*Exchange {
	b.Helper()
	names, _ := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", "net", "http", "*.go"))
	var all []byte
	for _, n := range names {
		f, err := os.ReadFile(n)
		mustDo(b, "read", err)
		all = append(all, f...)
	}
	var xs []*Exchange
	for ; len(all) > 20<<10; all = all[20<<10:] {
		xs = append(xs, exchange(len(xs), "Content-Type: text/html\r\nServer: x\r\n", string(all[:20<<10])))
	}
	if len(xs) == 0 {
		b.Skip("the Go sources are not there")
	}
	return xs
}

func BenchmarkAppend(b *testing.B) {
	xs := benchPages(b)
	for _, level := range []int{1, 2, 6} {
		b.Run(fmt.Sprintf("level=%d", level), func(b *testing.B) {
			cfg := WriterConfig{Dir: b.TempDir(), Run: testRun, Level: level}
			w := mustOpen(b, cfg)
			b.SetBytes(int64(len(xs[0].Response)))
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if _, err := w.Append(xs[i%len(xs)]); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.StopTimer()
			mustDo(b, "close", w.Close())
		})
	}
}

func BenchmarkReadResponse(b *testing.B) {
	xs := benchPages(b)
	dir := b.TempDir()
	w := mustOpen(b, WriterConfig{Dir: dir, Run: testRun})
	for _, x := range xs {
		mustAppend(b, w, x)
	}
	mustDo(b, "close", w.Close())
	var entries []Entry
	for e, err := range ReadIndex(fsx.OS(), dir, "000001.warc.gz") {
		mustDo(b, "index", err)
		entries = append(entries, e)
	}
	b.Run("by index", func(b *testing.B) {
		b.SetBytes(int64(len(xs[0].Response)))
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			e := entries[i%len(entries)]
			if _, err := ReadResponse(filepath.Join(dir, e.Filename), e.Offset, e.Length); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("sequential", func(b *testing.B) {
		b.SetBytes(int64(len(xs[0].Response) * len(xs)))
		for b.Loop() {
			f, err := os.Open(filepath.Join(dir, "000001.warc.gz"))
			mustDo(b, "open", err)
			for r := warc.NewReader(f, "bench", warc.Limits{}); ; {
				if _, err := r.Next(); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
			mustDo(b, "close", f.Close())
		}
	})
}
