package warc

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// corpus is text of the kind a crawl stores: Go's own sources, as blocks of about 20 KB.
func corpus(b *testing.B) [][]byte {
	b.Helper()
	names, _ := filepath.Glob(filepath.Join(runtime.GOROOT(), "src", "net", "http", "*.go"))
	var all []byte
	for _, n := range names {
		f, err := os.ReadFile(n)
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, f...)
	}
	if len(all) < 1<<20 {
		b.Skip("the Go sources are not there")
	}
	var blocks [][]byte
	for len(all) > 20<<10 {
		blocks, all = append(blocks, all[:20<<10]), all[20<<10:]
	}
	return blocks
}

func BenchmarkEncode(b *testing.B) {
	blocks := corpus(b)
	small := [][]byte{[]byte("GET /a/b/c HTTP/1.1\r\nHost: example.com\r\nUser-Agent: TandemFetch/1\r\nAccept: */*\r\n\r\n")}
	noise := make([]byte, 20<<10)
	for i := range noise {
		noise[i] = byte(rand.Uint32())
	}
	for _, bb := range []struct {
		name   string
		cfg    EncoderConfig
		stored bool
		blocks [][]byte
	}{
		{"text/level=1", EncoderConfig{Level: 1}, false, blocks}, {"text/level=2", EncoderConfig{Level: 2}, false, blocks},
		{"text/level=3", EncoderConfig{Level: 3}, false, blocks}, {"text/level=6", EncoderConfig{Level: 6}, false, blocks},
		{"text/zstd", EncoderConfig{Compression: Zstd}, false, blocks}, {"text/none", EncoderConfig{Compression: None}, false, blocks},
		{"small/level=1", EncoderConfig{Level: 1}, false, small}, {"small/stored", EncoderConfig{}, true, small},
		{"small/zstd stored", EncoderConfig{Compression: Zstd}, true, small},
		{"noise/level=1", EncoderConfig{}, false, [][]byte{noise}}, {"noise/stored", EncoderConfig{}, true, [][]byte{noise}},
		{"noise/zstd", EncoderConfig{Compression: Zstd}, false, [][]byte{noise}}, {"noise/zstd stored", EncoderConfig{Compression: Zstd}, true, [][]byte{noise}},
	} {
		b.Run(bb.name, func(b *testing.B) {
			e, err := NewEncoder(bb.cfg)
			if err != nil {
				b.Fatal(err)
			}
			r := testRecord(1)
			r.Stored = bb.stored
			var dst bytes.Buffer
			var in, out int
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				dst.Reset()
				r.Block = bb.blocks[i%len(bb.blocks)]
				n, err := e.Encode(&dst, r)
				if err != nil {
					b.Fatal(err)
				}
				in, out = in+len(r.Block), out+n
			}
			b.ReportMetric(float64(in)/1e6/b.Elapsed().Seconds(), "MB/s")
			b.ReportMetric(float64(in)/float64(out), "ratio")
		})
	}
}

func BenchmarkReader(b *testing.B) {
	blocks := corpus(b)
	for _, compression := range []Compression{Gzip, Zstd, None} {
		b.Run(string(compression), func(b *testing.B) {
			var file bytes.Buffer
			w, err := NewWriter(&file, EncoderConfig{Compression: compression})
			if err != nil {
				b.Fatal(err)
			}
			var size int64
			for _, block := range blocks {
				r := testRecord(1)
				r.Block = block
				size += int64(len(block))
				if _, err := w.Write(r); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				r := NewReader(bytes.NewReader(file.Bytes()), "bench", Limits{})
				for {
					if _, err := r.Next(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
