package site

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ProseOptions sizes the long text pages below /prose/. The zero value has none.
type ProseOptions struct {
	Pages          int // pages with text of their own. DefaultGoroot has 48
	NearDuplicates int // more pages, each the text of one of those with about 3 of 100 sentences changed. DefaultGoroot has 12
	Words          int // words of a page, about; the lengths vary by half. DefaultGoroot has 5,000
}

// prose serves /prose/: every page is made anew for each request.
type prose struct {
	opt  ProseOptions
	seed uint64
	list []language
}

func (g *prose) count() int { return g.opt.Pages + g.opt.NearDuplicates }

// path names page k, counted from 0.
func (g *prose) path(k int) string {
	return fmt.Sprintf("/prose/%s/page-%03d.html", g.language(k).code, k+1)
}

// original is the page whose text page k repeats; k itself for those that repeat none.
func (g *prose) original(k int) int {
	if k < g.opt.Pages {
		return k
	}
	return (k - g.opt.Pages) % g.opt.Pages
}

func (g *prose) language(k int) *language { return &g.list[g.original(k)%len(g.list)] }

func (g *prose) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rest := strings.TrimPrefix(r.URL.Path, "/prose/")
	if rest == "" {
		g.index().write(w, r)
		return
	}
	code, name, _ := strings.Cut(rest, "/")
	for i := range g.list {
		if g.list[i].code == code && name == "" && strings.HasSuffix(rest, "/") {
			g.languageIndex(&g.list[i]).write(w, r)
			return
		}
	}
	number, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, "page-"), ".html"))
	if k := number - 1; k >= 0 && k < g.count() && g.path(k) == r.URL.Path {
		g.page(k).write(w, r)
		return
	}
	http.NotFound(w, r)
}

func (g *prose) index() content {
	p := newPage("en", "Prose")
	p.crumbs("/prose/").raw("<h1>Prose</h1><p>Generated text without meaning, in several languages.</p>\n<ul>\n")
	for i := range g.list {
		p.raw("<li>").link("/prose/"+g.list[i].code+"/", g.list[i].name).raw("</li>\n")
	}
	return p.raw("</ul>").end(epoch)
}

func (g *prose) languageIndex(l *language) content {
	p := newPage(l.code, "Prose: "+l.name)
	p.crumbs("/prose/" + l.code + "/").raw("<h1>").text(l.name).raw("</h1>\n<ul>\n")
	for k := range g.count() {
		if g.language(k) == l {
			p.raw("<li>").link(g.path(k), g.title(k)).raw("</li>\n")
		}
	}
	return p.raw("</ul>").end(epoch)
}

func (g *prose) title(k int) string {
	l, r := g.language(k), newRNG(g.seed, uint64(k)<<8|1)
	return capital(pick(r, l.adj)+" "+pick(r, l.noun)) + ", " + strconv.Itoa(k+1)
}

// page surrounds the text with what real pages surround theirs with.
func (g *prose) page(k int) content {
	l, r := g.language(k), newRNG(g.seed, uint64(k)<<8|2)
	p := newPage(l.code, g.title(k))
	p.Grow(g.opt.Words * 10)
	p.crumbs(g.path(k)).raw(`<header><nav class="menu"><ul>`)
	for range 12 {
		to := r.intn(g.count())
		p.raw("<li>").link(g.path(to), g.title(to)).raw("</li>")
	}
	p.raw("</ul></nav></header>\n<main><article><h1>").text(g.title(k)).raw("</h1>\n")
	for i, paragraph := range g.text(k) {
		if i%6 == 5 {
			p.raw("<h2>").text(capital(pick(r, l.adj) + " " + pick(r, l.noun))).raw("</h2>\n")
		}
		p.raw("<p>").text(strings.Join(paragraph, " ")).raw("</p>\n")
	}
	p.raw("</article></main>\n<aside><h2>").text(l.contents).raw("</h2><ul>")
	for range 6 {
		to := r.intn(g.count())
		p.raw("<li>").link(g.path(to), g.title(to)).raw("</li>")
	}
	p.raw("</ul></aside>\n<footer><p>")
	p.link(g.path((k+g.count()-1)%g.count()), l.previous).raw(" · ").link(g.path((k+1)%g.count()), l.next)
	return p.raw(" · ").link("/prose/"+l.code+"/", l.name).raw("</p></footer>").end(epoch)
}

// text returns the paragraphs of page k as sentences. A near-duplicate draws the sentences of its original and
// replaces a few.
func (g *prose) text(k int) [][]string {
	o := g.original(k)
	l, r, edits := g.language(k), newRNG(g.seed, uint64(o)<<8|3), newRNG(g.seed, uint64(k)<<8|4)
	var paragraphs [][]string
	wait := edits.between(1, 40) // sentences until the next change
	for words := r.between(g.opt.Words*3/4, g.opt.Words*5/4); words > 0; {
		sentences := make([]string, r.between(4, 8))
		for i := range sentences {
			s, n := l.sentence(r)
			words -= n
			if wait--; k != o && wait == 0 {
				s, _ = l.sentence(edits)
				wait = edits.between(20, 40)
			}
			sentences[i] = s
		}
		paragraphs = append(paragraphs, sentences)
	}
	return paragraphs
}

// sentence draws one sentence and the number of its words.
func (l *language) sentence(r *rng) (string, int) {
	var b strings.Builder
	n := 0
	for _, slot := range pick(r, l.patterns) {
		list := l.slot(slot)
		if list == nil && slot != 'M' {
			continue
		}
		word := ""
		if slot == 'M' {
			word = madeUpName(r)
		} else {
			word = pick(r, list)
		}
		if n == 0 {
			word = capital(word)
		} else {
			b.WriteByte(' ')
		}
		b.WriteString(word)
		n++
	}
	b.WriteByte('.')
	return b.String(), n
}

func (l *language) slot(slot rune) []string {
	switch slot {
	case 'D':
		return l.det
	case 'A':
		return l.adj
	case 'N':
		return l.noun
	case 'V':
		return l.verb
	case 'P':
		return l.prep
	case 'C':
		return l.conj
	case 'R':
		return l.adv
	case 'O':
		return l.opening
	}
	return nil
}

// madeUpName draws a capitalised name that no list holds, so that vocabularies grow as real ones do.
func madeUpName(r *rng) string {
	const consonants, vowels = "bdfgklmnprstvz", "aeiou"
	var b strings.Builder
	for range r.between(2, 3) {
		b.WriteByte(consonants[r.intn(len(consonants))])
		b.WriteByte(vowels[r.intn(len(vowels))])
	}
	b.WriteByte(consonants[r.intn(len(consonants))])
	return capital(b.String())
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
