package extract

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
)

// theirs lists the start tags as the tokenizer of x/net/html finds them, with the attributes that
// matter to us.
func theirs(src []byte) []string {
	var out []string
	z := html.NewTokenizer(bytes.NewReader(src))
	for {
		tt := z.Next()
		if tt == html.ErrorToken {
			return out
		}
		if tt != html.StartTagToken && tt != html.SelfClosingTagToken {
			continue
		}
		name, more := z.TagName()
		if n := string(name); n == "noscript" || n == "noframes" {
			z.NextIsNotRawText() // their content is links to us
		}
		line := string(name)
		var values [attrCount][]byte
		for more {
			var key, value []byte
			key, value, more = z.TagAttr()
			if id := attrOf(key); len(key) >= 2 {
				values[id] = append([]byte{'='}, value...)
			}
		}
		out = append(out, describe(line, values))
	}
}

func ours(src []byte) []string {
	var out []string
	s := scanner{src: src}
	var t tag
	for s.next(&t) {
		var values [attrCount][]byte
		for id := range attrCount {
			if t.attrs.has(id) {
				values[id] = append([]byte{'='}, t.attrs.get(id)...)
			}
		}
		out = append(out, describe(string(t.name[:t.nameLen]), values))
	}
	return out
}

func describe(name string, values [attrCount][]byte) string {
	if len(name) > maxName {
		name = ""
	}
	for id := attrOther + 1; id < attrCount; id++ {
		if v := values[id]; v != nil {
			v = bytes.ReplaceAll(bytes.ReplaceAll(v, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
			name += fmt.Sprintf(" %d%q", id, v)
		}
	}
	return name
}

func compare(t *testing.T, src []byte) {
	t.Helper()
	if diff := cmp.Diff(theirs(src), ours(src)); diff != "" {
		t.Fatalf("%q\n(-x/net/html +ours)\n%s", src, diff)
	}
}

func TestScannerAgreesWithTokenizer(t *testing.T) {
	t.Parallel()
	pieces := []string{"<", ">", "/", "</", "!", "--", "-", "<!--", "-->", "--!>", "<![CDATA[", "]]>", "?", "=", `"`, "'", " ", "\n", "\r\n", "a", "<a ", "href=", "src", "alt='",
		"script", "<script>", "</script>", "</script", "style", "<style>", "</style >", "<title>", "</title>", "<textarea", "<noscript>", "<b/>", "<IMG", "&amp;", "&amp", "&#65;", "&copy", "&copy=", "&notit;", "&", ";", "x", "\t", "<plaintex", "<xmp>", "</xmp>", "<iframe>", "data-lazy-srcset=", "ü", "<custom-element-name "}
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		var b strings.Builder
		for range rng.IntN(14) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		compare(t, []byte(b.String()))
	}
}

// afterEscape is where the tokenizer of x/net leaves the standard: in "<!--" within a script, a "<" that begins no tag ends for it the
// escaped state, which by HTML 13.2.5.23 goes on.
var afterEscape = regexp.MustCompile(`(?is)<script.*<!--.*<[^a-z/]`)

func TestScriptStaysEscapedAfterALoneLess(t *testing.T) {
	t.Parallel()
	for src, want := range map[string][]string{
		"<script><!-- <<script> </script> --></script><b>": {"script", "b"},
		"<script><!-- <<script> </script> </script><b>":    {"script", "b"},
		"<script><!-- <<script> </script><b>":              {"script"},
		"<script><!-- < </script><b>":                      {"script", "b"},
	} {
		if diff := cmp.Diff(want, ours([]byte(src))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", src, diff)
		}
	}
}

func FuzzScanner(f *testing.F) {
	f.Add([]byte("<script><!-- a<<script> </script> --cript><b/>"))
	f.Add([]byte(`<!DOCTYPE html><a href="x&amp;y" alt=z><script><!-- <script> </script> --></script><b/>`))
	f.Add([]byte("<style></styl</style/><img srcset='a 1x' src=\"\r\n\">"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if bytes.IndexByte(src, 0) >= 0 {
			t.Skip("NUL in names is of no interest")
		}
		if afterEscape.Match(src) {
			ours(src) // no panic; the tokenizer is no judge here
			return
		}
		compare(t, src)
	})
}

// FuzzLinks looks for panics, endless loops and links that are no URLs.
func FuzzLinks(f *testing.F) {
	for _, contentType := range []string{"text/html", "application/xhtml+xml", "text/css", "text/markdown", "text/html; charset=utf-16le", ""} {
		f.Add(contentType, []byte("<a href=x>[b](y \"t\") url(z) ![](<w>) `c` \n[r]: s\n```\n<img srcset='a 1x, b'>"))
	}
	page := mustParse(f, pageURL)
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		before := bytes.Clone(body)
		r := Links(page, contentType, body, Limits{})
		if !bytes.Equal(before, body) {
			t.Fatal("the body was written to")
		}
		seen := map[string]bool{}
		for _, l := range r.Links {
			if again := mustParse(t, l.URL.String()); again != l.URL || seen[l.URL.String()] {
				t.Fatalf("%q is not canonical or comes twice", l.URL)
			}
			seen[l.URL.String()] = true
		}
		HeaderLinks(page, func(string) string { return string(body) })
	})
}
