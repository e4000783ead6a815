package store

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"tandem/store/fsx"
	"tandem/store/warc"
)

// benchPages are exchanges as a documentation site makes them: pages of Debian's rust-doc, every tenth, where that package is installed;
// otherwise Go's own sources in pieces of 20 KB, the size of a usual page.
func benchPages(b *testing.B) []*Exchange {
	b.Helper()
	bodies := rustDoc(b)
	if len(bodies) == 0 {
		bodies = goSources(b)
	}
	var xs []*Exchange
	for i, body := range bodies {
		xs = append(xs, exchange(i, benchHeader, body))
	}
	if len(xs) == 0 {
		b.Skip("no pages to store")
	}
	return xs
}

const benchHeader = "Server: nginx\r\nDate: Fri, 02 Jan 2026 03:04:05 GMT\r\nContent-Type: text/html\r\nLast-Modified: Sat, 14 Jan 2023 10:00:00 GMT\r\n" +
	"Connection: keep-alive\r\nETag: \"63c27d20-5bcd\"\r\nAccept-Ranges: bytes\r\n"

func rustDoc(b *testing.B) (bodies []string) {
	b.Helper()
	n := 0
	_ = filepath.WalkDir("/usr/share/doc/rust-doc/html/", func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(path) != ".html" {
			return nil
		}
		if n++; n%10 != 0 {
			return nil
		}
		body, err := os.ReadFile(path)
		mustDo(b, "read", err)
		bodies = append(bodies, string(body))
		return nil
	})
	return bodies
}

func goSources(b *testing.B) (bodies []string) {
	b.Helper()
	names, _ := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", "net", "http", "*.go"))
	var all []byte
	for _, n := range names {
		f, err := os.ReadFile(n)
		mustDo(b, "read", err)
		all = append(all, f...)
	}
	for ; len(all) > 20<<10; all = all[20<<10:] {
		bodies = append(bodies, string(all[:20<<10]))
	}
	return bodies
}

// BenchmarkAppend stores one page after the other. MB/s and cpu-ns/op are of the processor's time, system calls and all, which other work on
// the machine moves less than the clock's; ratio is responses to what the segments take.
func BenchmarkAppend(b *testing.B) {
	xs := benchPages(b)
	for _, bb := range []struct {
		name string
		cfg  WriterConfig
	}{
		{"none", WriterConfig{Compress: warc.None}}, {"zstd", WriterConfig{Compress: warc.Zstd}}, {"gzip", WriterConfig{}},
		{"gzip level=2", WriterConfig{Level: 2}}, {"gzip level=6", WriterConfig{Level: 6}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			bb.cfg.Dir, bb.cfg.Run = b.TempDir(), testRun
			w := mustOpen(b, bb.cfg)
			b.ReportAllocs()
			var in int
			before := cpuTime()
			for i := 0; b.Loop(); i++ {
				x := xs[i%len(xs)]
				in += len(x.Response)
				if _, err := w.Append(x); err != nil {
					b.Fatal(err)
				}
			}
			spent := cpuTime() - before
			mustDo(b, "close", w.Close())
			b.ReportMetric(float64(in)/1e6/spent.Seconds(), "MB/s")
			b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(in)/float64(w.SealedBytes()), "ratio")
		})
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // cannot fail with these arguments
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkReadResponse(b *testing.B) {
	xs := benchPages(b)
	for _, c := range packings {
		b.Run(string(c), func(b *testing.B) { benchRead(b, xs, c) })
	}
}

func benchRead(b *testing.B, xs []*Exchange, c warc.Compression) {
	dir := b.TempDir()
	w := mustOpen(b, WriterConfig{Dir: dir, Run: testRun, Compress: c})
	for _, x := range xs {
		mustAppend(b, w, x)
	}
	mustDo(b, "close", w.Close())
	var entries []Entry
	for e, err := range ReadIndex(fsx.OS(), dir, segmentName(1, c)) {
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
			f, err := os.Open(filepath.Join(dir, segmentName(1, c)))
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
