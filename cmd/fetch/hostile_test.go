package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tandem/crawler"
	"tandem/crawler/weburl"
	"tandem/internal/site"
	"tandem/store"
	"tandem/store/fsx"
)

// What a crawl of a hostile set may cost.
const (
	hostileTime = 180 * time.Second
	hostileRSS  = 256 << 20
	hostileDisk = 256 << 20
)

// TestHostileSites crawls a set of everything that a server can do to a crawler, with honest pages among it, in three orders. Every URL
// must have the outcome that is right for it, every honest page must be in the archive byte for byte, and nothing of it may cost more
// than the bounds above, reach an address that nobody allowed, or ask for what robots.txt forbids.
//
// It runs by itself, one order after the other: its bounds of time and memory are for a crawl, not for a machine that kills and
// recovers other crawls beside it.
func TestHostileSites(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	for name, opt := range map[string]site.HostileOptions{
		"in order": {Order: site.InOrder},
		"reversed": {Order: site.Reversed},
		"shuffled": {Order: site.Shuffled, Seed: 20260102},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := site.StartHostile(opt)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := h.Close(); err != nil {
					t.Errorf("close hostile set: %v", err)
				}
			})
			dir := filepath.Join(t.TempDir(), "out")
			sum := crawlHostile(t, dir, h)
			t.Logf("%.1f s, %d requests, %d MiB peak memory, %d MiB on disk, %d fetched, errors %v, skipped %v",
				sum.DurationS, h.Requests(), sum.MaxRSSBytes>>20, diskUse(t, filepath.Dir(dir))>>20, sum.Fetched, sum.Errors, sum.Skipped)
			checkBounds(t, dir, sum)
			checkServer(t, h)
			records := checkOutcomes(t, dir, sum.Run, h)
			checkPayloads(t, dir, records)
			checkStrict(t, dir)
		})
	}
}

// crawlHostile runs fetch over the set.
func crawlHostile(t *testing.T, dir string, h *site.Hostile) *crawler.Summary {
	t.Helper()
	args := []string{
		"crawl", "-o", dir, "--scope", "any", "--host-rate", "0", "--host-concurrency", "16", "--timeout", "3s", "-q",
	}
	p := start(t, "", append(args, h.Seeds()...)...)
	select {
	case <-p.done:
	case <-time.After(hostileTime):
		p.signal(syscall.SIGQUIT) // for the stacks
		<-p.done
		t.Fatalf("fetch did not end in %v\n%s", hostileTime, p.err.String())
	}
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, p.out.String(), p.err.String())
	}
	return readSummary(t, dir)
}

func checkBounds(t *testing.T, dir string, sum *crawler.Summary) {
	t.Helper()
	if sum.State != crawler.Complete {
		t.Errorf("state %s", sum.State)
	}
	if sum.MaxRSSBytes > hostileRSS {
		t.Errorf("peak memory %d MiB, want at most %d", sum.MaxRSSBytes>>20, int64(hostileRSS)>>20)
	}
	if use := diskUse(t, dir); use > hostileDisk {
		t.Errorf("%d MiB on disk, want at most %d", use>>20, int64(hostileDisk)>>20)
	}
	if files, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(files) != 1 {
		t.Errorf("beside the run directory: %v, %v", files, err)
	}
}

// diskUse sums up the files below a folder.
func diskUse(t *testing.T, dir string) (n int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkServer asks the set itself what was done to it.
func checkServer(t *testing.T, h *site.Hostile) {
	t.Helper()
	for _, v := range h.Violations() {
		t.Errorf("the server says: %s", v)
	}
	for _, c := range h.Outside() {
		t.Errorf("connection outside: %s", c)
	}
}

// recorded is a line of inlinks.jsonl: how a URL ended.
type recorded struct {
	URL, State, Reason string
	Status             int
}

// checkOutcomes compares what is recorded for each URL with what must be, and returns the archive's index by URL.
func checkOutcomes(t *testing.T, dir, run string, h *site.Hostile) map[string]store.Entry {
	t.Helper()
	records := checkedArchive(t, dir)[run]
	ends := make(map[string]recorded)
	for _, line := range lines(t, filepath.Join(dir, "inlinks.jsonl")) {
		var r recorded
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		ends[r.URL] = r
	}
	for _, b := range h.Behaviours() {
		u, err := weburl.Parse(b.URL)
		if err != nil {
			t.Errorf("%s: %v", b.Name, err)
			continue
		}
		got, known := ends[u.String()]
		if !known {
			t.Errorf("%s: nothing is recorded for %s", b.Name, u)
			continue
		}
		e, inArchive := records[u.String()]
		if inArchive != (got.State == "stored") {
			t.Errorf("%s: %s, but in the archive: %v", b.Name, got.State, inArchive)
		}
		if !fits(b.Want, got, e) {
			t.Errorf("%s: recorded as %s %d %s %s %s, want %v", b.Name, got.State, got.Status, got.Reason, e.Truncated, e.Digest, b.Want)
		}
	}
	for url, r := range ends {
		if r.State == "pending" {
			t.Errorf("%s has no outcome", url)
		}
	}
	return records
}

// fits reports whether an outcome is one of those wanted.
func fits(want []site.Outcome, got recorded, e store.Entry) bool {
	for _, w := range want {
		if w.State == "stored" {
			if got.State == w.State && got.Status == w.Status && e.Status == w.Status && e.Truncated == w.Truncated &&
				(w.SHA256 == "" || e.Digest == "sha256:"+w.SHA256) {
				return true
			}
		} else if got.State == w.State && got.Reason == w.Reason {
			return true
		}
	}
	return false
}

// checkPayloads reads every record back: its payload has the digest that the index says, and belongs to its own URL.
func checkPayloads(t *testing.T, dir string, records map[string]store.Entry) {
	t.Helper()
	archive := filepath.Join(dir, "archive")
	for url, e := range records {
		resp, err := store.ReadResponse(filepath.Join(archive, e.Filename), e.Offset, e.Length)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if resp.Truncated && e.Truncated == "" {
			t.Errorf("%s is cut and does not say so", url)
		}
		sum := sha256.Sum256(resp.Body)
		if got := "sha256:" + hex.EncodeToString(sum[:]); got != e.Digest {
			t.Errorf("%s: payload %s, the index says %s", url, got, e.Digest)
		}
		if err := foreign(url, resp.Body); err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if strings.Contains(url, "forged.example") {
			t.Errorf("a record of %s", url)
		}
	}
}

// foreign reports that a payload is that of another URL.
func foreign(url string, body []byte) error {
	if bytes.Contains(body, []byte("POISON")) {
		return fmt.Errorf("holds an answer that nobody asked for: %.200q", body)
	}
	const mark = "<!-- url:"
	for rest := body; ; {
		i := bytes.Index(rest, []byte(mark))
		if i < 0 {
			return nil
		}
		rest = rest[i+len(mark):]
		path, _, _ := bytes.Cut(rest, []byte(" -->"))
		if !strings.HasSuffix(url, string(path)) {
			return fmt.Errorf("holds %.200q", path)
		}
	}
}

// checkStrict gives all segments to somebody else's strict reader.
func checkStrict(t *testing.T, dir string) {
	t.Helper()
	segments, err := store.ReadManifest(fsx.OS(), filepath.Join(dir, "archive"))
	if err != nil {
		t.Fatal(err)
	}
	kinds := make(map[string]int)
	for _, seg := range segments {
		strictly(t, filepath.Join(dir, "archive", seg.Segment), kinds)
	}
	t.Logf("%v", kinds)
}
