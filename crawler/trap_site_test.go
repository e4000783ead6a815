package crawler_test

import (
	"fmt"
	"hash/fnv"
	"html"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// trapSite is a site of traps without end, each under a folder of its own, with
// honest pages beside them. It counts what it is asked for.
type trapSite struct {
	mu    sync.Mutex
	asked map[string]int // by first segment
	paths map[string]bool
	first []string // folders in the order in which the front page links them
}

// traps without end. Each answers with a page's text and links.
var endless = map[string]func(r *http.Request) (text string, links []string){
	"repeat": func(*http.Request) (string, []string) { // a relative link that should be absolute
		return "welcome", []string{"a/b/", "a/", "../x/b/"}
	},
	"branches": func(r *http.Request) (string, []string) { // three folders in each other, and each says where it is
		return "you are in " + r.URL.Path, []string{"red/", "green/", "blue/"}
	},
	"deep": func(r *http.Request) (string, []string) { // a path that grows by a new word each time
		return said(r, 40), []string{"w" + letters(r.URL.Path) + "/"}
	},
	"query": func(r *http.Request) (string, []string) { // a query that grows
		n := len(r.URL.Query())
		return said(r, 40), []string{"?" + amp(r.URL.RawQuery) + fmt.Sprintf("p%s=%d", letters(strconv.Itoa(n)), n)}
	},
	"months": func(r *http.Request) (string, []string) {
		at := when(r, "2006/01")
		return "Calendar of " + at.Format("January 2006"), []string{"/months/" + at.AddDate(0, 1, 0).Format("2006/01"), "/months/" + at.AddDate(0, -1, 0).Format("2006/01")}
	},
	"days": func(r *http.Request) (string, []string) { // a busy calendar
		at := when(r, "2006-01-02")
		return at.Format("Monday 2 January 2006") + said(r, 30), []string{"/days/" + at.AddDate(0, 0, 1).Format("2006-01-02"), "/days/" + at.AddDate(1, 0, 0).Format("2006-01-02")}
	},
	"facets": func(r *http.Request) (string, []string) {
		var links []string
		for _, name := range []string{"color", "size", "brand", "price", "sort", "view"} {
			q := r.URL.Query()
			for v := range 6 {
				q.Set(name, "v"+strconv.Itoa(v))
				links = append(links, "?"+q.Encode())
			}
		}
		return "filtered by " + r.URL.RawQuery + said(r, 20), links
	},
	"session": func(r *http.Request) (string, []string) { // forty pages, and an id made for each visit
		var links []string
		id := fmt.Sprintf("%016x%d", rand.Uint64(), rand.IntN(90)+10)
		for i := range 40 {
			links = append(links, fmt.Sprintf("/session/%s?visit=%s", letters(strconv.Itoa(i)), id))
		}
		return "page" + said2(r.URL.Path, 40), links
	},
	"visit": func(r *http.Request) (string, []string) { // the same, in the path
		var links []string
		id := fmt.Sprintf("%x7a%x", rand.Uint32(), rand.Uint64())
		for i := range 40 {
			links = append(links, fmt.Sprintf("/visit/%s/%s", id, letters(strconv.Itoa(i))))
		}
		return "page" + said2(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/'):], 40), links
	},
	"same": func(r *http.Request) (string, []string) {
		n, _ := strconv.Atoi(r.URL.Query().Get("page"))
		return fmt.Sprintf("No more results. Page %d of %d, made at %d", n, n+1000, time.Now().UnixNano()),
			[]string{fmt.Sprintf("?page=%d", n+1), fmt.Sprintf("?page=%d", n+17)}
	},
	"mirror": func(r *http.Request) (string, []string) { // one text under ever new names
		id := letters(r.URL.Path + "x")
		return "this page is being built", []string{"/mirror/" + id + ".html", "/mirror/" + letters(id) + ".html"}
	},
	"diary": func(r *http.Request) (string, []string) { // months and their days, and nothing happens
		at, text := when(r, "2006/01/02"), "nothing on this day"
		links := []string{at.AddDate(0, 1, 0).Format("/diary/2006/01"), at.AddDate(0, -1, 0).Format("/diary/2006/01")}
		if strings.Count(r.URL.Path, "/") < 4 {
			at, text = when(r, "2006/01"), "nothing in this month, which has its days"
			links = []string{at.AddDate(0, 1, 0).Format("/diary/2006/01"), at.AddDate(0, -1, 0).Format("/diary/2006/01")}
			for day := range 28 {
				links = append(links, at.AddDate(0, 0, day).Format("/diary/2006/01/02"))
			}
		}
		return text, links
	},
	"copies": func(r *http.Request) (string, []string) { // the same six pages in each folder, and three folders in each folder
		var links []string
		for i := range 5 {
			links = append(links, fmt.Sprintf("page%d.html", i))
		}
		return "copy" + said2(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/'):], 40), append(links, "src/", "doc/", "old/")
	},
	"numbered": func(r *http.Request) (string, []string) { // the same with numbered folders
		return "copy" + said2(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/'):], 40), []string{"p1.html", "p2.html", "p3.html", "d1/", "d2/", "d3/", "d4/"}
	},
	"hexes": func(r *http.Request) (string, []string) {
		return "nothing here", []string{fmt.Sprintf("/hexes/%06x", rand.Uint32()>>8), fmt.Sprintf("/hexes/%06x", rand.Uint32()>>8), fmt.Sprintf("/hexes/%08x", rand.Uint32())}
	},
}

// letters is a word made of a text.
func letters(s string) string {
	h := fnv.New32a()
	h.Write([]byte(s))
	return strings.Map(func(r rune) rune { return 'a' + r%26 }, strconv.FormatUint(uint64(h.Sum32()), 10))
}

func amp(query string) string {
	if query == "" {
		return ""
	}
	return query + "&"
}

// said is a text that is different on each page.
func said(r *http.Request, words int) string { return said2(r.URL.RequestURI(), words) }

func said2(seed string, words int) string {
	var b strings.Builder
	for i := range words {
		b.WriteString(" " + letters(seed+strconv.Itoa(i)))
	}
	return b.String()
}

func when(r *http.Request, layout string) time.Time {
	_, text, _ := strings.Cut(r.URL.Path[1:], "/")
	at, err := time.Parse(layout, text)
	if err != nil {
		at = time.Date(2026, 11, 15, 0, 0, 0, 0, time.UTC)
	}
	return at
}

// honest are the pages that belong there, with what they say and link.
func honest() map[string]string {
	pages := make(map[string]string)
	var index strings.Builder
	add := func(uri, text string) {
		pages[uri] = text
		fmt.Fprintf(&index, `<a href="%s">x</a> `, html.EscapeString(uri))
	}
	for i := range 400 { // a shop whose texts differ in little
		add(fmt.Sprintf("/shop/item?id=%d", i), fmt.Sprintf("<h1>Product %d</h1> costs %d.99, %d in stock", i, i*7%90, i%11))
	}
	for i := range 500 { // one whose texts differ
		add(fmt.Sprintf("/store/item?id=%d&lang=en", i), fmt.Sprintf("<h1>%s</h1>", said2(strconv.Itoa(i), 5)))
	}
	for i := range 500 { // a gallery: the pictures differ
		add(fmt.Sprintf("/gallery/photo-%d.html", i), fmt.Sprintf(`<img src="/pictures/%d.jpg?x=1"> next`, i))
	}
	for y := 2003; y < 2026; y++ { // an archive by date
		for m := 1; m <= 12; m++ {
			add(fmt.Sprintf("/archive/%d/%02d/", y, m), "news of the month:"+said2(fmt.Sprint(y, m), 20))
			add(fmt.Sprintf("/archive/list?year=%d&month=%d", y, m), "list of the month:"+said2(fmt.Sprint(y, m), 21))
		}
	}
	path := "/docs" // documentation with a deep tree, in versions that say the same
	for depth := range 24 {
		path += "/" + letters(strconv.Itoa(depth))
		for i := range 6 {
			add(fmt.Sprintf("%s/page%d.html", path, i), "chapter"+said2(path+strconv.Itoa(i), 30))
		}
	}
	for v := range 12 {
		for i := range 45 {
			add(fmt.Sprintf("/manual/v1.%d/%s.html", v, letters(strconv.Itoa(i))), fmt.Sprintf("manual of version 1.%d: %s", v, said2(strconv.Itoa(i), 30)))
		}
	}
	for i := range 500 { // things with ids
		add(fmt.Sprintf("/commit/%08x%08x0a", i*2654435761%4294967296, i*40503), "commit"+said2(strconv.Itoa(i), 12))
	}
	for i := range 500 { // a forum
		add(fmt.Sprintf("/forum?f=%d&t=%d&start=0", i%9, i), "thread"+said2(strconv.Itoa(i), 12))
	}
	add("/dup/a/b/a/b/a/b.html", "once"+said2("dup", 9))
	pages["/honest.html"] = index.String()
	return pages
}

func newTrapSite(order string) *trapSite {
	s := &trapSite{asked: map[string]int{}, paths: map[string]bool{}}
	for name := range endless {
		s.first = append(s.first, "/"+name+"/")
	}
	switch order {
	case "traps first":
		s.first = append(s.first, "/honest.html")
	case "honest first":
		s.first = append([]string{"/honest.html"}, s.first...)
	default:
		s.first = append(s.first[:6:6], append([]string{"/honest.html"}, s.first[6:]...)...)
	}
	return s
}

func (s *trapSite) handler() http.Handler {
	pages := honest()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, _ := strings.Cut(r.URL.Path[1:], "/")
		uri := r.URL.RequestURI()
		s.mu.Lock()
		s.asked[name]++
		s.paths[uri] = true
		s.mu.Unlock()
		w.Header().Set("Content-Type", "text/html")
		if text, ok := pages[uri]; ok {
			fmt.Fprintf(w, "<title>honest</title>%s", text)
			return
		}
		text, links := "front", s.first
		if name != "" {
			trap := endless[name]
			if trap == nil {
				http.NotFound(w, r)
				return
			}
			text, links = trap(r)
		}
		fmt.Fprintf(w, "<title>site</title><p>%s</p>", html.EscapeString(text))
		for _, l := range links {
			fmt.Fprintf(w, `<a href="%s">more</a>`, html.EscapeString(l))
		}
	})
}
