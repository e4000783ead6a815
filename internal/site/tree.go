package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// inMemory is the size up to which a file is read whole; bigger ones are streamed.
const inMemory = 8 << 20

// Tree serves a folder. It is safe for concurrent use; Close releases the folder.
type Tree struct {
	root     *os.Root
	files    fs.FS
	title    string
	modified time.Time // Last-Modified of everything; zero: each file's own
	readable bool      // show text files as HTML pages
	index    bool      // a folder's index.html stands for its listing
}

// Dir serves the folder at dir as a site: its files as they are, index.html where a folder has one, else a
// page that links the entries and embeds the images. Dot files are not served.
func Dir(dir string) (*Tree, error) {
	t, err := openTree(dir)
	if err != nil {
		return nil, err
	}
	t.index = true
	t.title = "Files"
	return t, nil
}

func openTree(dir string) (*Tree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open folder %q: %w", dir, err)
	}
	return &Tree{root: root, files: root.FS()}, nil
}

// Close releases the folder; requests after it answer 404.
func (t *Tree) Close() error { return t.root.Close() }

// ServeHTTP answers GET and HEAD.
func (t *Tree) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) || redirectUnclean(w, r) {
		return
	}
	name := strings.Trim(r.URL.Path, "/")
	if name == "" {
		name = "."
	}
	info, err := t.stat(name)
	slash := strings.HasSuffix(r.URL.Path, "/")
	switch {
	case name == "site.css" && err != nil:
		stylesheet.write(w, r)
	case err != nil || !info.IsDir() && slash:
		http.NotFound(w, r)
	case info.IsDir() && !slash:
		redirect(w, r, r.URL.Path+"/")
	case info.IsDir():
		t.serveFolder(w, r, name)
	default:
		t.serveFile(w, r, name, info)
	}
}

// stat admits folders and regular files whose names do not begin with a dot.
func (t *Tree) stat(name string) (fs.FileInfo, error) {
	for part := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(part, ".") && name != "." {
			return nil, fs.ErrNotExist
		}
	}
	info, err := fs.Stat(t.files, name)
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fs.ErrNotExist
	}
	return info, err
}

func (t *Tree) serveFolder(w http.ResponseWriter, r *http.Request, name string) {
	if t.index {
		index := path.Join(name, "index.html")
		if info, err := t.stat(index); err == nil && !info.IsDir() {
			t.serveFile(w, r, index, info)
			return
		}
	}
	entries, err := fs.ReadDir(t.files, name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	t.listing(r.URL.Path, entries).write(w, r)
}

// listing is the page of one folder: links to folders and files, then its pictures.
func (t *Tree) listing(urlPath string, entries []fs.DirEntry) content {
	p := newPage("en", urlPath+" · "+t.title)
	p.crumbs(urlPath).raw("<h1>").text(urlPath).raw("</h1>\n<ul>\n")
	var pictures []string
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasPrefix(name, "."), !e.IsDir() && !e.Type().IsRegular():
		case e.IsDir():
			p.raw("<li>").link(escapeName(name)+"/", name+"/").raw("</li>\n")
		case isPicture(name):
			pictures = append(pictures, name)
		default:
			p.raw("<li>").link(escapeName(name), name).raw("</li>\n")
		}
	}
	p.raw("</ul>\n")
	for _, name := range pictures {
		p.image(escapeName(name), altText(name))
	}
	return p.end(t.when(epoch))
}

func (t *Tree) when(own time.Time) time.Time {
	if t.modified.IsZero() {
		return own
	}
	return t.modified
}

func (t *Tree) serveFile(w http.ResponseWriter, r *http.Request, name string, info fs.FileInfo) {
	f, err := t.files.Open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	modified := t.when(info.ModTime())
	if info.Size() > inMemory {
		stream(w, r, name, f, info.Size(), modified)
		return
	}
	body, err := io.ReadAll(io.LimitReader(f, inMemory))
	if err != nil {
		http.Error(w, "500 the file cannot be read", http.StatusInternalServerError)
		return
	}
	mediaType, text := mediaTypeOf(name, body)
	if text && t.readable {
		t.sourcePage(r.URL.Path, body, modified).write(w, r)
		return
	}
	content{mediaType, body, modified}.write(w, r)
}

// stream sends a file too big to hold; its ETag is made of its size and both its ends.
func stream(w http.ResponseWriter, r *http.Request, name string, f fs.File, size int64, modified time.Time) {
	seeker, ok := f.(io.ReadSeeker)
	if !ok {
		http.NotFound(w, r)
		return
	}
	sum := sha256.New()
	io.WriteString(sum, strconv.FormatInt(size, 10))
	head := make([]byte, 4096)
	n, _ := io.ReadFull(seeker, head)
	sum.Write(head[:n])
	seeker.Seek(-4096, io.SeekEnd)
	io.CopyN(sum, seeker, 4096)
	seeker.Seek(0, io.SeekStart)
	mediaType, _ := mediaTypeOf(name, head[:n])
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum.Sum(nil)[:12])+`"`)
	http.ServeContent(w, r, "", modified, seeker)
}

// sourcePage shows a text file as an HTML page.
func (t *Tree) sourcePage(urlPath string, body []byte, modified time.Time) content {
	p := newPage("en", path.Base(urlPath)+" · "+path.Dir(urlPath)+" · "+t.title)
	p.Grow(len(body) + len(body)/4)
	p.crumbs(urlPath).raw("<h1>").text(path.Base(urlPath)).raw("</h1>\n<pre>\n")
	p.text(printable(body)).raw("</pre>")
	return p.end(modified)
}

// printable replaces what HTML text cannot hold: invalid UTF-8 and control characters.
func printable(body []byte) string {
	clean := true
	for _, c := range body {
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			clean = false
			break
		}
	}
	if clean && utf8.Valid(body) {
		return string(body)
	}
	return string(bytes.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return -1
		case r < ' ' && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0:
			return utf8.RuneError
		}
		return r
	}, body))
}

// redirectUnclean sends requests for //, . and .. to the path they mean.
func redirectUnclean(w http.ResponseWriter, r *http.Request) bool {
	p := r.URL.Path
	clean := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	if clean == p {
		return false
	}
	redirect(w, r, clean)
	return true
}

// redirect moves to another decoded absolute path of this site and keeps the query.
func redirect(w http.ResponseWriter, r *http.Request, to string) {
	u := url.URL{Path: to, RawQuery: r.URL.RawQuery}
	http.Redirect(w, r, u.String(), http.StatusMovedPermanently)
}

func escapePath(p string) string { return (&url.URL{Path: p}).EscapedPath() }

// escapeName makes a relative reference of a file name; one with a colon would else read as a scheme.
func escapeName(name string) string {
	if strings.Contains(name, ":") {
		return "./" + url.PathEscape(name)
	}
	return url.PathEscape(name)
}
