package frontier

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"testing"
	"time"

	"tandem/crawler/weburl"
	"tandem/internal/usage"
)

// BenchmarkScale grows a frontier over a synthetic graph, kills the process that does it and opens the frontier again:
//
//	SCALE_URLS=10000000 taskset -c 0 go test -run '^$' -bench Scale -benchtime 1x ./crawler/frontier
//
// The graph has SCALE_URLS URLs (100,000 by default) on a hundredth as many hosts, at most 100,000; each page links to 150 of them, any
// with equal chance, which no cache helps. Pages are fetched until 19 of 20 URLs are known. What it costs to make the links is measured
// first and taken off. Each step runs in a process of its own; the figures of the first are reported each time the known URLs have
// doubled.
func BenchmarkScale(b *testing.B) {
	if step := os.Getenv("SCALE_STEP"); step != "" {
		scaleStep(b, step, os.Getenv("SCALE_DIR"))
		return
	}
	dir := b.TempDir()
	for b.Loop() {
		grow := scaleProcess(b, "grow", dir)
		out, err := grow.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		stdin, err := grow.StdinPipe()
		if err != nil {
			b.Fatal(err)
		}
		defer stdin.Close()
		if err := grow.Start(); err != nil {
			b.Fatal(err)
		}
		var last growth
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if json.Unmarshal(lines.Bytes(), &last) != nil {
				continue
			}
			b.Logf("%s", lines.Bytes())
			if last.End {
				if err := grow.Process.Kill(); err != nil {
					b.Fatal(err)
				}
			}
		}
		_ = grow.Wait() // it was killed
		if !last.End {
			b.Fatal("it ended before it was grown")
		}
		resumed, err := scaleProcess(b, "resume", dir).Output()
		if err != nil {
			b.Fatalf("resume: %v\n%s", err, resumed)
		}
		b.Logf("after kill -9:\n%s", resumed)
		b.ReportMetric(last.ChecksPerS, "checks/s")
		b.ReportMetric(last.NextUS, "µs/Next")
		b.ReportMetric(last.DiskPerURL, "disk-B/URL")
		b.ReportMetric(last.PeakMiB, "MiB")
	}
}

func scaleProcess(b *testing.B, step, dir string) *exec.Cmd {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$", "-test.bench=^BenchmarkScale$", "-test.benchtime=1x")
	cmd.Env = append(os.Environ(), "SCALE_STEP="+step, "SCALE_DIR="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// growth is what has been measured when Known URLs are known.
type growth struct {
	Known, Pages int64
	ChecksPerS   float64 // links asked for, per second of CPU in all but making them, since the last line
	UsPerURL     float64 // the same CPU per known URL, since the start
	NextUS       float64 // time of a call of Next, since the last line
	DiskPerURL   float64 // bytes
	PeakMiB      float64 // of memory
	End          bool
}

func scaleStep(b *testing.B, step, dir string) {
	n := 100_000
	if text := os.Getenv("SCALE_URLS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	debug.SetGCPercent(50) // fetch lets garbage take half of what is alive
	g := graph{urls: n, hosts: min(100_000, max(n/100, 1))}
	cfg := DefaultConfig(dir)
	began := time.Now()
	d, err := Open(cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	if step == "resume" {
		item, err := d.Next(b.Context())
		fmt.Printf("resumed in %.2f s, first item %s, %v, counts %+v, peak %.0f MiB\n", time.Since(began).Seconds(), item.URL, err,
			d.Counts(), peakMiB())
		return
	}
	if _, err := d.Add([]Link{{URL: g.url(0), Seed: true}}); err != nil {
		b.Fatal(err)
	}
	g.grow(b, d)
}

// graph is a web without edges of its own: a page links to whatever its number makes of chance.
type graph struct{ urls, hosts int }

const scaleLinks = 150 // a page

func (g graph) url(i int) weburl.URL {
	u, err := weburl.Parse(fmt.Sprintf("http://host%d.example/section-%d/page-%d.html", i%g.hosts, i/g.hosts%17, i))
	if err != nil {
		panic(err)
	}
	return u
}

func (g graph) links(page int64, via string, depth int, links []Link) []Link {
	r := rand.New(rand.NewPCG(uint64(page), 1))
	links = links[:0]
	for range scaleLinks {
		links = append(links, Link{URL: g.url(r.IntN(g.urls)), Via: via, Depth: depth})
	}
	return links
}

func cpu() time.Duration {
	used, _ := usage.Self()
	return used
}

func peakMiB() float64 {
	_, peak := usage.Self()
	return float64(peak) / (1 << 20)
}

func (g graph) grow(b *testing.B, d *Durable) {
	links := make([]Link, 0, scaleLinks)
	const sample = 2000
	start := cpu()
	for i := range int64(sample) {
		links = g.links(i, "http://host1.example/section-1/page-1.html", 3, links)
	}
	perPage := (cpu() - start) / sample // to make the links

	var next time.Duration
	var last growth
	var total float64
	lastCPU, synced, report := cpu(), time.Now(), int64(g.urls/64)
	for page := int64(1); ; page++ {
		at := time.Now()
		item, err := d.Next(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		next += time.Since(at)
		links = g.links(page, item.URL.String(), item.Depth+1, links)
		out := Outcome{
			State: Stored, Status: 200, Page: true, Segment: fmt.Sprintf("%06d.warc.gz", 1+page/20000), Offset: page * 5000, Length: 4900,
			RecordID: fmt.Sprintf("urn:uuid:%08x-0000-4000-8000-%012x", page, page*page), Digest: fmt.Sprintf("sha256:%064x", page*page*page),
			ETag: fmt.Sprintf(`"%x-%x"`, page, page*7), LastModified: "Thu, 01 Jan 1970 00:00:00 GMT", Date: at, Links: links,
		}
		if _, err := d.Done(item, out); err != nil {
			b.Fatal(err)
		}
		if time.Since(synced) > time.Second {
			if err := d.Sync(); err != nil {
				b.Fatal(err)
			}
			synced = time.Now()
		}
		if page%1000 != 0 {
			continue
		}
		known := d.Counts().Known
		end := known >= int64(g.urls)*19/20
		if known < report && !end {
			continue
		}
		report = 2 * known
		now, pages := cpu(), page-last.Pages
		spent := (now - lastCPU - time.Duration(pages)*perPage).Seconds()
		total += spent
		last = growth{
			Known: known, Pages: page, ChecksPerS: float64(pages*scaleLinks) / spent, UsPerURL: total * 1e6 / float64(known),
			NextUS: float64(next.Microseconds()) / float64(pages), DiskPerURL: float64(diskBytes(b, d.cfg.Dir)) / float64(known),
			PeakMiB: peakMiB(), End: end,
		}
		next, lastCPU = 0, now
		line, err := json.Marshal(last)
		if err != nil {
			b.Fatal(err)
		}
		fmt.Printf("%s\n", line)
		if end {
			_, _ = os.Stdin.Read(make([]byte, 1)) // to be killed
			return
		}
	}
}

func diskBytes(b *testing.B, dir string) (n int64) {
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			if info, err := e.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil // a table that a compaction has removed meanwhile
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}
