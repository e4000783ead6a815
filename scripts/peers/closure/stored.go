package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// stored is what a client kept: files of every kind, and its HTML pages by path and query with their SHA-256.
type stored struct {
	files int
	pages map[string]string
}

// readMirror reads the folders of wget2: HOST/path, a query as part of the name.
func readMirror(dir string) (stored, error) {
	s := stored{pages: map[string]string{}}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		s.files++
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		_, uri, _ := strings.Cut(filepath.ToSlash(rel), "/")
		if p, _, _ := strings.Cut(uri, "?"); !strings.HasSuffix(p, ".html") {
			return nil
		}
		s.pages["/"+uri], err = sumOf(name)
		return err
	})
	return s, err
}

// readHashes reads the folder of our Colly program, whose names are the SHA-256 of path and query. What is not expected
// counts as a page when it begins like one.
func readHashes(want map[string]string) func(string) (stored, error) {
	return func(dir string) (stored, error) {
		s := stored{pages: map[string]string{}}
		names := map[string]string{}
		for uri := range want {
			sum := sha256.Sum256([]byte(uri))
			names[hex.EncodeToString(sum[:])] = uri
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			return s, err
		}
		for _, e := range entries {
			s.files++
			name := filepath.Join(dir, e.Name())
			uri := names[e.Name()]
			if uri == "" {
				body, err := os.ReadFile(name)
				if err != nil {
					return s, err
				}
				if !strings.HasPrefix(strings.ToLower(string(body[:min(len(body), 15)])), "<!doctype html") {
					continue
				}
				uri = "unexpected " + e.Name()
			}
			if s.pages[uri], err = sumOf(name); err != nil {
				return s, err
			}
		}
		return s, nil
	}
}

// readArchive reads the index of fetch: the payload digests of HTML answered with 200; a URL stored twice is an error.
func readArchive(dir string) (stored, error) {
	s := stored{pages: map[string]string{}}
	f, err := os.Open(filepath.Join(dir, "archive", "index.cdxj"))
	if err != nil {
		return s, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		_, rest, _ := strings.Cut(lines.Text(), " ")
		_, data, _ := strings.Cut(rest, " ")
		var c struct {
			URL, Mime, Status, Digest string
			Payload                   string `json:"payload_mime"`
		}
		if err := json.Unmarshal([]byte(data), &c); err != nil {
			return s, fmt.Errorf("read index: %w", err)
		}
		if c.Status != "200" {
			continue
		}
		s.files++
		if c.Mime != "text/html" && c.Payload != "text/html" {
			continue
		}
		u, err := url.Parse(c.URL)
		if err != nil {
			return s, err
		}
		if s.pages[u.RequestURI()] != "" {
			return s, fmt.Errorf("read index: %s is stored twice", c.URL)
		}
		s.pages[u.RequestURI()] = strings.TrimPrefix(c.Digest, "sha256:")
	}
	return s, lines.Err()
}
