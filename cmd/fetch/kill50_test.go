package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"tandem/crawler"
	"tandem/internal/site"
	"tandem/store"
	"tandem/store/fsx"
)

// The ways in which a start is killed at random.
const (
	killStarting = "starting" // at some moment from the first instruction to the first requests
	killRunning  = "running"  // some requests later
	killDraining = "draining" // after a signal that makes it seal what it has
	killEnding   = "ending"   // when everything is stored: sealing, merging, exporting
)

// kills is how often each of them is tried. A drain may be quicker than its
// kill, and so may an end, which completes the crawl.
var kills = map[string]int{killStarting: 14, killRunning: 35, killDraining: 12, killEnding: 12}

// TestKillAtRandom kills one crawl of 2,000 pages fifty times and more, at
// moments drawn from a seed that is logged, all over its life.
func TestKillAtRandom(t *testing.T) {
	t.Parallel()
	if _, err := program(); err != nil { // building it is no part of a start's time
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	opt := everything(2000)
	opt.Images, opt.Latency, opt.Errors503 = 100, 2*time.Millisecond, 5 // each 503 slows a crawl down
	s, url := synthetic(t, opt)
	k := &killer{t: t, rng: rand.New(rand.NewPCG(seed, 1)), site: s, args: gentle(t.TempDir(), url), done: make(map[string]int)}
	k.dir, k.urls = k.args[3], wanted(s)
	for _, way := range k.plan() {
		k.start(way)
	}
	for range kills[killEnding] {
		if k.complete {
			break
		}
		k.start(killEnding)
	}
	if !k.complete {
		fetch(t, 0, k.args...)
	}
	t.Logf("killed %v; mended in all: %+v", k.done, k.mended)
	if k.killed < 50 {
		t.Errorf("killed %v, want 50 times", k.done)
	}
	if k.mended.Replayed == 0 {
		t.Errorf("mended %+v: the kills hit nothing", k.mended)
	}
	twin, twinURL := synthetic(t, opt)
	undisturbed := t.TempDir()
	fetch(t, 0, gentle(undisturbed, twinURL)...)
	checkRequests(t, twin, 0, 0, true)
	checkCrawl(t, k.dir, s, url, k.killed, inlinks(t, undisturbed, twinURL))
	checkStrictly(t, k.dir)
}

// killer starts one crawl again and again.
type killer struct {
	t    *testing.T
	rng  *rand.Rand
	site *site.SyntheticSite
	urls int // that the whole crawl asks for
	args []string
	dir  string

	life     time.Duration // of a start, until its first request
	done     map[string]int
	killed   int
	complete bool
	mended   crawler.Mended
}

// wanted counts the URLs of a site that a crawl asks for.
func wanted(s *site.SyntheticSite) (n int) {
	for _, a := range s.Truth() {
		if !a.Private {
			n++
		}
	}
	return n
}

// plan shuffles the kills before the end. The first start runs: it measures how
// long a start takes.
func (k *killer) plan() []string {
	var ways []string
	for _, way := range []string{killStarting, killRunning, killDraining} {
		for range kills[way] {
			ways = append(ways, way)
		}
	}
	k.rng.Shuffle(len(ways), func(i, j int) { ways[i], ways[j] = ways[j], ways[i] })
	return append([]string{killRunning}, ways...)
}

// start runs the crawl and kills it.
func (k *killer) start(way string) {
	k.t.Helper()
	packing := []string{"gzip", "zstd", "none"}[(k.killed+k.done["drained"])%3] // each start packs its segments in another way
	began, before := time.Now(), k.site.Requests()
	p := start(k.t, "", append(k.args[:len(k.args):len(k.args)], "--compress", packing)...)
	switch way {
	case killStarting:
		k.wait(p, 2*k.life)
	case killRunning, killDraining:
		awaitLog(k.t, k.site, before+1, p)
		if k.life == 0 {
			k.life = time.Since(began)
		}
		awaitLog(k.t, k.site, k.some(before), p)
		k.wait(p, 20*time.Millisecond)
		if way == killDraining {
			p.signal(syscall.SIGINT)
			k.wait(p, k.life/2)
		}
	case killEnding:
		if k.done[killEnding] > 0 { // all is stored: it opens, mends, seals and merges
			k.wait(p, 3*k.life/2)
			break
		}
		k.awaitAll(p)
		k.wait(p, k.life/4)
	}
	p.signal(syscall.SIGKILL)
	k.judge(p, way)
}

// some is how long the site's log is to be at a kill: all of them together leave
// a part of the site for the end.
func (k *killer) some(before int) int {
	each := k.urls * 3 / 2 / (kills[killRunning] + kills[killDraining])
	return max(before+1, min(before+k.rng.IntN(each), k.urls*9/10))
}

// wait lets a moment below the given one pass, or the process end.
func (k *killer) wait(p *process, below time.Duration) {
	timer := time.NewTimer(time.Duration(k.rng.Int64N(int64(below))))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.done:
	}
}

// awaitAll waits until the site has been asked for everything.
func (k *killer) awaitAll(p *process) {
	k.t.Helper()
	for {
		log := k.site.Log()
		asked := make(map[string]bool)
		for _, r := range log {
			asked[r.URL] = r.URL != "/robots.txt" && r.Status != 503
		}
		missing := k.urls
		for _, answered := range asked {
			if answered {
				missing--
			}
		}
		select {
		case <-p.done:
			return
		default:
		}
		if missing <= 0 {
			return
		}
		awaitLog(k.t, k.site, len(log)+1, p)
	}
}

// judge counts how a start ended, and what it had mended before.
func (k *killer) judge(p *process, way string) {
	k.t.Helper()
	switch code := p.wait(); {
	case code == -int(syscall.SIGKILL):
		k.done[way]++
		k.killed++
	case code == 130 && way == killDraining: // quicker than its kill
		k.done["drained"]++
	case code == 0 && way == killEnding:
		k.complete = true
	default:
		k.t.Fatalf("killed while %s: exit code %d\n%s", way, code, p.err.String())
	}
	if ok, err := filepath.Glob(filepath.Join(k.dir, "crawl.json")); err != nil || len(ok) == 0 {
		return
	}
	m := readSummary(k.t, k.dir).Recovered
	k.mended.CutBytes += m.CutBytes
	k.mended.Requeued += m.Requeued
	k.mended.Replayed += m.Replayed
	k.mended.Rebuilt += m.Rebuilt
	k.mended.TornLines += m.TornLines
}

// checkStrictly gives all segments to somebody else's strict reader.
func checkStrictly(t *testing.T, dir string) {
	t.Helper()
	archive := filepath.Join(dir, "archive")
	segments, err := store.ReadManifest(fsx.OS(), archive)
	if err != nil {
		t.Fatal(err)
	}
	for _, seg := range segments {
		kinds := make(map[string]int)
		strictly(t, unpacked(t, filepath.Join(archive, seg.Segment)), kinds)
		if n := total(kinds); n != seg.Records {
			t.Errorf("%s has %d records, the manifest says %d", seg.Segment, n, seg.Records)
		}
	}
	t.Logf("%d segments are strictly valid", len(segments))
}

// unpacked returns a segment as the strict reader can read it, which knows no
// Zstandard.
func unpacked(t *testing.T, path string) string {
	t.Helper()
	if !strings.HasSuffix(path, ".zst") {
		return path
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if b, err = d.DecodeAll(b, nil); err != nil {
		t.Fatalf("unpack %s: %v", path, err)
	}
	path = filepath.Join(t.TempDir(), "unpacked.warc")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
