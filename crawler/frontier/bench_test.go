package frontier

import (
	"context"
	"fmt"
	"testing"

	"tandem/crawler/weburl"
)

func benchURLs(b *testing.B, n int) []weburl.URL {
	us := make([]weburl.URL, n)
	for i := range us {
		us[i] = mustURL(b, fmt.Sprintf("http://h%d.example/some/folder/page-%d.html", i%50, i))
	}
	return us
}

// BenchmarkSeen is the frontier's most frequent question, key included: known URLs in memory, beyond memory, and unknown ones.
func BenchmarkSeen(b *testing.B) {
	const n = 200_000
	for _, bc := range []struct {
		name  string
		ram   int
		known bool
	}{{"memory", n, true}, {"store", 1, true}, {"unknown", 1, false}} {
		b.Run(bc.name, func(b *testing.B) {
			cfg := DefaultConfig(b.TempDir())
			cfg.SeenInRAM = bc.ram
			d := open(b, cfg)
			us := benchURLs(b, 2*n)
			ls := make([]Link, n)
			for i := range ls {
				ls[i].URL = us[i]
			}
			add(b, d, n, ls)
			if !bc.known {
				us = us[n:]
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if d.Known(us[i%n]) != bc.known {
					b.Fatal("wrong answer")
				}
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "checks/s")
		})
	}
}

// BenchmarkPage is a whole turn of a documentation site: Next, then Done with 150 links of which five are new.
func BenchmarkPage(b *testing.B) {
	d := open(b, DefaultConfig(b.TempDir()))
	us := benchURLs(b, 1000)
	add(b, d, 1, []Link{{URL: us[0]}})
	links := make([]Link, 150)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		item, err := d.Next(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		for i := range links {
			links[i] = Link{URL: us[(n*7+i)%len(us)], Via: item.URL.String(), Depth: 1}
		}
		b.StopTimer()
		for i := range 5 {
			links[i].URL = mustURL(b, fmt.Sprintf("http://h.example/%d/%d", n, i))
		}
		b.StartTimer()
		if _, err := d.Done(item, Outcome{State: Stored, Status: 200, Segment: "000001.warc.gz", Offset: int64(n), Digest: fmt.Sprint("sha256:", n), Links: links}); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(b.N)*150/b.Elapsed().Seconds(), "links/s")
}

// BenchmarkOpen reads 200,000 pending URLs back.
func BenchmarkOpen(b *testing.B) {
	const n = 200_000
	cfg := DefaultConfig(b.TempDir())
	d := open(b, cfg)
	ls := make([]Link, n)
	for i, u := range benchURLs(b, n) {
		ls[i].URL = u
	}
	add(b, d, n, ls)
	for b.Loop() {
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
		d = open(b, cfg)
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "urls/s")
}
