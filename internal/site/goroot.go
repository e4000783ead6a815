package site

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// GorootOptions says which Go distribution to serve and what to add to it.
type GorootOptions struct {
	Root    string // the folder that `go env GOROOT` prints; required
	Seed    uint64 // of the generated parts
	Gallery GalleryOptions
	Prose   ProseOptions
}

// DefaultGoroot returns the options of the demonstration for the distribution at root: about 166 megapixels (33 MB)
// in 76 pictures, and 60 long pages in six languages.
func DefaultGoroot(root string) GorootOptions {
	return GorootOptions{
		Root: root, Seed: 1,
		Gallery: GalleryOptions{Images: 64, NearDuplicates: 12, MinPixels: 1_000_000, MaxPixels: 4_000_000, PerPage: 8},
		Prose:   ProseOptions{Pages: 48, NearDuplicates: 12, Words: 5000},
	}
}

// gorootFolders are what a complete distribution holds and the site shows. Toolchains that the go command
// downloads lack some of them.
var gorootFolders = []string{"src", "doc", "api", "lib", "misc", "test"}

// GorootSite is a Go distribution as a site. It is safe for concurrent use; Close releases the folder.
type GorootSite struct {
	tree    *Tree
	gallery *gallery
	prose   *prose
	present []string // of gorootFolders
	files   []string // at the top
}

// Goroot serves the Go distribution at opt.Root: a page for every folder that links its entries and embeds its
// images, HTML and Markdown as they are, every other text file as a readable page, images as they are. It
// adds generated pictures below /gallery/ and long texts below /prose/, a robots.txt that keeps crawlers out of
// /private/, and some redirects. absent names the folders that this distribution lacks; they are not linked.
func Goroot(opt GorootOptions) (s *GorootSite, absent []string, err error) {
	if err := opt.validate(); err != nil {
		return nil, nil, err
	}
	version, err := readVersion(opt.Root)
	if err != nil {
		return nil, nil, err
	}
	tree, err := openTree(opt.Root)
	if err != nil {
		return nil, nil, err
	}
	tree.readable, tree.title, tree.modified = true, "Go", released(version)
	s = &GorootSite{tree: tree, prose: &prose{opt: opt.Prose, seed: opt.Seed, list: languages()}}
	s.gallery = newGallery(opt.Gallery, opt.Seed, s.prose)
	for _, name := range gorootFolders {
		if info, err := tree.stat(name); err == nil && info.IsDir() {
			s.present = append(s.present, name)
		} else {
			absent = append(absent, name)
		}
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE", "PATENTS", "VERSION"} {
		if _, err := tree.stat(name); err == nil {
			s.files = append(s.files, name)
		}
	}
	return s, absent, nil
}

func (o GorootOptions) validate() error {
	if o.Root == "" {
		return errors.New("serve Go distribution: no folder given")
	}
	if o.Prose.Pages < 0 || o.Prose.Words < 0 || o.Prose.NearDuplicates > 0 && o.Prose.Pages == 0 || o.Prose.NearDuplicates < 0 {
		return errors.New("prose: counts must not be negative, and near-duplicates need pages")
	}
	return o.Gallery.validate()
}

// readVersion makes sure that root is a Go distribution.
func readVersion(root string) (string, error) {
	version, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err != nil {
		return "", fmt.Errorf("serve Go distribution %q: it holds no VERSION: %w", root, err)
	}
	if !strings.HasPrefix(string(version), "go") && !strings.HasPrefix(string(version), "devel") {
		return "", fmt.Errorf("serve Go distribution %q: its VERSION does not name a Go version", root)
	}
	return string(version), nil
}

// Close releases the distribution's folder.
func (s *GorootSite) Close() error { return s.tree.Close() }

// ServeHTTP answers GET and HEAD.
func (s *GorootSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) || redirectUnclean(w, r) {
		return
	}
	first, _, below := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch {
	case r.URL.Path == "/":
		s.front().write(w, r)
	case r.URL.Path == "/site.css":
		stylesheet.write(w, r)
	case r.URL.Path == "/robots.txt":
		gorootRobots.write(w, r)
	case gorootMoved[r.URL.Path] != "":
		http.Redirect(w, r, gorootMoved[r.URL.Path], http.StatusFound)
	case !below && slices.Contains([]string{"gallery", "prose", "private"}, first):
		redirect(w, r, r.URL.Path+"/")
	case first == "gallery" && s.gallery.opt.Images > 0:
		s.gallery.ServeHTTP(w, r)
	case first == "prose" && s.prose.opt.Pages > 0:
		s.prose.ServeHTTP(w, r)
	case first == "private":
		privatePage().write(w, r)
	case slices.Contains(s.present, first), slices.Contains(s.files, first):
		s.tree.ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

// gorootMoved are the redirects, of which one leads to another.
var gorootMoved = map[string]string{"/start": "/latest/", "/latest/": "/src/cmd/go/", "/pkg/": "/src/"}

var gorootRobots = content{"text/plain; charset=utf-8", []byte("User-agent: *\nAllow: /\nDisallow: /private/\n"), epoch}

func privatePage() content {
	p := newPage("en", "Private")
	p.crumbs("/private/").raw("<h1>Private</h1><p>robots.txt asks crawlers not to read this page.</p>")
	return p.end(epoch)
}

func (s *GorootSite) front() content {
	p := newPage("en", "A Go distribution")
	p.raw("<h1>A Go distribution</h1>\n<ul>\n")
	item := func(href, text string) { p.raw("<li>").link(href, text).raw("</li>\n") }
	for _, name := range s.present {
		item("/"+name+"/", name)
	}
	if s.gallery.opt.Images > 0 {
		item("/gallery/", "gallery")
	}
	if s.prose.opt.Pages > 0 {
		item("/prose/", "prose")
	}
	for _, name := range s.files {
		item("/"+name, name)
	}
	item("/start", "start here")
	item("/latest/", "the latest")
	item("/pkg/", "packages")
	item("/private/", "private")
	return p.raw("</ul>").end(s.tree.when(epoch))
}

// released finds the date in a VERSION file, so that Last-Modified is the same on every machine.
func released(version string) time.Time {
	for line := range strings.Lines(version) {
		if text, ok := strings.CutPrefix(line, "time "); ok {
			if t, err := time.Parse(time.RFC3339, strings.TrimSpace(text)); err == nil {
				return t
			}
		}
	}
	return epoch
}
