package crawler_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/crawler"
	"tandem/internal/site"
	"tandem/internal/units"
	"tandem/store"
	"tandem/store/fsx"
)

// serve puts a handler on loopback for the length of a test and returns its
// URL without the final slash.
func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	srv, err := site.Serve(t.Context(), "127.0.0.1:0", h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := srv.Close(context.Background()); err != nil {
			t.Errorf("close site: %v", err)
		}
	})
	return strings.TrimSuffix(srv.URL(), "/")
}

func synthetic(t *testing.T, opt site.SyntheticOptions) (*site.SyntheticSite, string) {
	t.Helper()
	s, err := site.Synthetic(opt)
	if err != nil {
		t.Fatal(err)
	}
	return s, serve(t, s)
}

// config is a job without politeness, for sites of our own.
func config(dir string, seeds ...string) crawler.Config {
	cfg := crawler.Default()
	cfg.Dir, cfg.Seeds = dir, seeds
	cfg.HostRate, cfg.HostConcurrency, cfg.Concurrency = 0, 16, 16
	cfg.Timeout = units.Duration(10 * time.Second)
	return cfg
}

func crawl(t *testing.T, cfg crawler.Config) *crawler.Summary {
	t.Helper()
	sum, err := tryCrawl(t, cfg)
	if err != nil {
		t.Fatalf("crawl: %v", err)
	}
	return sum
}

func tryCrawl(t *testing.T, cfg crawler.Config) (*crawler.Summary, error) {
	t.Helper()
	c, err := crawler.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c.Run(t.Context())
}

// stored reads what the archive's manifest and indexes list, by URL. A URL
// that is listed twice in one run fails the test.
func stored(t *testing.T, dir, run string) map[string]store.Entry {
	t.Helper()
	archive := filepath.Join(dir, "archive")
	segments, err := store.ReadManifest(fsx.OS(), archive)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]store.Entry)
	for _, s := range segments {
		if run != "" && s.Run != run {
			continue
		}
		for e, err := range store.ReadIndex(fsx.OS(), archive, s.Segment) {
			if err != nil {
				t.Fatal(err)
			}
			if _, twice := all[e.URL]; twice {
				t.Errorf("%s is stored twice", e.URL)
			}
			all[e.URL] = e
		}
	}
	return all
}

// payload reads a stored record back.
func payload(t *testing.T, dir string, e store.Entry) *store.Response {
	t.Helper()
	resp, err := store.ReadResponse(filepath.Join(dir, "archive", e.Filename), e.Offset, e.Length)
	if err != nil {
		t.Fatalf("read record of %s: %v", e.URL, err)
	}
	return resp
}

// loopback is what a list needs to be allowed to reach sites of our own.
func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

// ledger reads inlinks.jsonl: why each URL was not stored.
func ledger(t *testing.T, dir string) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "inlinks.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reasons := make(map[string]string)
	for dec := json.NewDecoder(f); ; {
		var line struct{ URL, Reason string }
		if err := dec.Decode(&line); errors.Is(err, io.EOF) {
			return reasons
		} else if err != nil {
			t.Fatal(err)
		}
		reasons[line.URL] = line.Reason
	}
}
