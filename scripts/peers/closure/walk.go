package main

import (
	"bytes"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// walker finds what a site of plain files links to, from the files alone: no server, and no code of any crawler measured.
type walker struct {
	root  string // folder that the server shows as /
	pages map[string]string
	queue []string
	seen  map[string]bool
	under string // path prefix of the pages that count
}

// walk returns the HTML URLs (path and query) reached from seed, each with its file.
func walk(root, seed string) map[string]string {
	w := &walker{root: root, pages: map[string]string{}, seen: map[string]bool{}, under: seed[:strings.LastIndexByte(seed, '/')+1]}
	w.add(&url.URL{Path: seed})
	for len(w.queue) > 0 {
		u := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		w.visit(u)
	}
	return w.pages
}

// add queues a URL inside the prefix once. Two spellings of a path are one URL.
func (w *walker) add(u *url.URL) {
	u.Fragment, u.RawFragment, u.RawPath = "", "", ""
	if u.Path = clean(u.Path); !strings.HasPrefix(u.Path, w.under) {
		return
	}
	if s := u.RequestURI(); !w.seen[s] {
		w.seen[s] = true
		w.queue = append(w.queue, s)
	}
}

func clean(p string) string {
	c := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") && c != "/" {
		c += "/"
	}
	return c
}

// visit does what the server does for a path: a folder without slash leads to the one with, a folder shows its index.html.
func (w *walker) visit(raw string) {
	u, err := url.Parse(raw)
	if err != nil {
		return
	}
	name := filepath.Join(w.root, filepath.FromSlash(u.Path))
	st, err := os.Stat(name)
	switch {
	case err != nil:
		return
	case st.IsDir() && !strings.HasSuffix(u.Path, "/"):
		w.add(&url.URL{Path: u.Path + "/", RawQuery: u.RawQuery})
		return
	case st.IsDir():
		name = filepath.Join(name, "index.html")
	case strings.HasSuffix(u.Path, "/"):
		return
	}
	if !strings.HasSuffix(name, ".html") {
		return
	}
	body, err := os.ReadFile(name)
	if err != nil {
		return
	}
	w.pages[raw] = name
	for _, l := range links(body) {
		if t, err := u.Parse(strings.TrimSpace(l)); err == nil && t.Host == "" && (t.Scheme == "" || t.Scheme == "http") {
			w.add(t)
		}
	}
}

var refresh = regexp.MustCompile(`(?i)^\s*[\d.]+\s*[;,]?\s*(?:url\s*=\s*)?['"]?([^'"]+)`)

// links are the pages that a page leads to: a, area, link (alternate, canonical, next …), frames and meta refresh.
func links(body []byte) []string {
	var out []string
	z := html.NewTokenizer(bytes.NewReader(body))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			at := map[string]string{}
			for _, a := range t.Attr {
				if _, twice := at[a.Key]; !twice {
					at[a.Key] = a.Val
				}
			}
			switch t.Data {
			case "a", "area", "link":
				if v, ok := at["href"]; ok {
					out = append(out, v)
				}
			case "iframe", "frame":
				if v, ok := at["src"]; ok {
					out = append(out, v)
				}
			case "meta":
				if m := refresh.FindStringSubmatch(at["content"]); m != nil && strings.EqualFold(at["http-equiv"], "refresh") {
					out = append(out, m[1])
				}
			}
		}
	}
}
