package crawler_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/PuerkitoBio/goquery"

	"tandem/crawler"
	"tandem/crawler/extract"
	"tandem/crawler/weburl"
)

// Crawl a site into an archive, and have a function called with each page.
func ExampleNew() {
	site, dir := lampShop()
	defer os.RemoveAll(dir)
	defer site.Close()
	cfg := crawler.Default()
	cfg.Seeds, cfg.Dir, cfg.HostRate = []string{site.URL}, dir, 0 // without a pause: the site is ours
	cfg.OnHTML = func(_ context.Context, p *crawler.Page, doc *goquery.Document) error {
		fmt.Println(p.URL.Path(), doc.Find("h1").Text())
		return nil
	}
	c, err := crawler.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	sum, err := c.Run(context.Background())
	fmt.Println(sum.State, sum.Pages, err)
	// Output:
	// / Our lamps
	// /desk The desk lamp
	// complete 2 <nil>
}

// Rules take items out of pages, OnItems fills a type of yours with them.
func ExampleOnItems() {
	site, dir := lampShop()
	defer os.RemoveAll(dir)
	defer site.Close()
	cfg := crawler.Default()
	cfg.Seeds, cfg.Dir, cfg.HostRate, cfg.Extract = []string{site.URL}, dir, 0, []extract.Rule{lampRule()}
	crawler.OnItems(&cfg, "lamp", func(_ context.Context, page weburl.URL, l lamp) error {
		fmt.Printf("%s: %s costs %.2f, since %s, in %d colors\n", page.Path(), l.Name, l.Price, l.Since, len(l.Colors))
		return nil
	})
	c, err := crawler.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	_, err = c.Run(context.Background())
	fmt.Println(err)
	// Output:
	// /desk: The desk lamp costs 1299.00, since 2026-03-02, in 2 colors
	// <nil>
}

// lamp is what lampRule finds.
type lamp struct {
	Name, Since string
	Price       float64
	Colors      []struct{ Name string }
}

func lampRule() extract.Rule {
	css := func(text string) *extract.Selector {
		s, err := extract.ParseSelector(text)
		if err != nil {
			log.Fatal(err)
		}
		return &s
	}
	return extract.Rule{Name: "lamp", Fields: map[string]extract.Field{
		"name":   {CSS: css("h1")},
		"price":  {CSS: css(".price"), Type: extract.TypeNumber, Required: true},
		"since":  {CSS: css("time"), Type: extract.TypeDate},
		"colors": {CSS: css("li"), List: true, Fields: map[string]extract.Field{"name": {CSS: css("b")}}},
	}}
}

// lampShop is a site on loopback, and a folder for a crawl of it.
func lampShop() (*httptest.Server, string) {
	dir, err := os.MkdirTemp("", "lamps")
	if err != nil {
		log.Fatal(err)
	}
	pages := map[string]string{
		"/":     `<h1>Our lamps</h1><a href=desk>Desk</a> <a href=sold-out>Floor</a>`,
		"/desk": `<h1>The desk lamp</h1><p class=price>€ 1.299,00</p><time>2 March 2026</time><ul><li><b>red</b><li><b>blue</b></ul>`,
	}
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, body)
	})), dir
}
