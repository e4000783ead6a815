package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tandem/crawler"
	"tandem/internal/site"
)

// TestFewDescriptors crawls within 64 open files, which is also the hard limit:
// one site, and a list over twenty hosts, with 64 requests asked for.
func TestFewDescriptors(t *testing.T) {
	t.Parallel()
	t.Run("one site", func(t *testing.T) {
		t.Parallel()
		s, url := synthetic(t, everything(300))
		dir := t.TempDir()
		p := within(t, 64, append(gentle(dir, url), "--concurrency", "64", "--host-concurrency", "64")...)
		if code := p.wait(); code != 0 {
			t.Fatalf("exit code %d\n%s", code, p.err.String())
		}
		sum := readSummary(t, dir)
		checkTruth(t, dir, checkedArchive(t, dir)[sum.Run], s, url)
		checkRequests(t, s, 0, 0, true)
	})
	t.Run("twenty hosts", func(t *testing.T) {
		t.Parallel()
		const hosts, pages = 20, 15
		var asked atomic.Int64
		list := hostList(t, hosts, pages, func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			<-time.After(20 * time.Millisecond)
			fmt.Fprintf(w, "page %s of %s", r.URL.Path, r.Host)
		})
		dir := t.TempDir()
		p := within(t, 64, listed(dir, list)...)
		if code := p.wait(); code != 0 {
			t.Fatalf("exit code %d\n%s", code, p.err.String())
		}
		checkList(t, dir, hosts*pages)
		if n := asked.Load(); n != hosts*(pages+1) { // with robots.txt
			t.Errorf("%d requests, want %d", n, hosts*(pages+1))
		}
	})
}

// TestDescriptorsRunOut takes all free descriptors away from a crawl for a
// while, as other programs can: what it has open goes on, every dial fails, and
// no URL is lost.
func TestDescriptorsRunOut(t *testing.T) {
	t.Parallel()
	const hosts, pages = 5, 40
	var asked atomic.Int64
	list := hostList(t, hosts, pages, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-time.After(20 * time.Millisecond)
		w.Header().Set("Connection", "close") // each page needs a new one
		fmt.Fprintf(w, "page %s of %s", r.URL.Path, r.Host)
	})
	dir := t.TempDir()
	p := start(t, "", append(listed(dir, list), "--concurrency", "4", "--log-level", "info")...)
	waitUntil(t, p, "20 requests", func() bool { return asked.Load() >= 20 })
	limit(t, p, 4)
	before := asked.Load()
	<-time.After(2500 * time.Millisecond)
	if n := asked.Load() - before; n > 4 {
		t.Errorf("%d requests without a free descriptor", n)
	}
	limit(t, p, 256)
	if code := p.wait(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, p.err.String())
	}
	checkList(t, dir, hosts*pages)
	if sum := readSummary(t, dir); sum.Retries == 0 {
		t.Error("no dial failed")
	}
}

// within runs fetch with so many open files at most. The shell has no others to
// give it.
func within(t *testing.T, files int, args ...string) *process {
	t.Helper()
	exe, err := program()
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf(`ulimit -Sn %[1]d && ulimit -Hn %[1]d && exec "$0" "$@"`, files)
	return startCommand(t, "", "sh", append([]string{"-c", script, exe}, args...)...)
}

// limit changes how many files a running process may open.
func limit(t *testing.T, p *process, files uint64) {
	t.Helper()
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: files, Max: 4096}, nil); err != nil {
		t.Fatalf("limit open files: %v", err)
	}
}

// hostList serves h on so many loopback addresses and returns a file with so
// many URLs of each, host by host.
func hostList(t *testing.T, hosts, pages int, h http.HandlerFunc) string {
	t.Helper()
	list := filepath.Join(t.TempDir(), "list.txt")
	f, err := os.Create(list)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	for i := range hosts {
		srv, err := site.Serve(context.Background(), "127.0.1."+strconv.Itoa(i+1)+":0", h)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = srv.Close(context.Background()) })
		for p := range pages {
			fmt.Fprintf(w, "%sp%d\n", srv.URL(), p)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return list
}

// listed gets a list from loopback as fast as it goes.
func listed(dir, list string) []string {
	return []string{"get", list, "-o", dir, "--allow-net", "127.0.0.0/8", "--host-rate", "0", "--host-concurrency", "16", "--concurrency", "64", "-q"}
}

// checkList demands that each URL of a list is stored once, and nothing is counted as an error.
func checkList(t *testing.T, dir string, urls int) {
	t.Helper()
	sum := readSummary(t, dir)
	have := checkedArchive(t, dir)[sum.Run]
	if len(have) != urls || sum.State != crawler.Complete || len(sum.Errors) > 0 {
		t.Errorf("%d of %d URLs stored, state %s, errors %v", len(have), urls, sum.State, sum.Errors)
	}
	for u, e := range have {
		page, host := "/"+path.Base(u), strings.TrimSuffix(strings.TrimPrefix(u, "http://"), "/"+path.Base(u))
		want := sha256.Sum256([]byte("page " + page + " of " + host))
		if got := payloadDigest(t, dir, e); e.Status != 200 || got != hex.EncodeToString(want[:]) {
			t.Errorf("%s: status %d, digest %s", u, e.Status, got)
		}
	}
}
