package crawler_test

import (
	"context"
	"fmt"
	"log"

	"tandem/crawler"
)

// Why does the crawl leave this page out? An Explainer decides by the crawl's own code; offline, it asks nobody.
func ExampleExplainer() {
	cfg := crawler.Default()
	cfg.Seeds = []string{"https://www.example.org/docs/"}
	cfg.Scope = "prefix"
	e, err := crawler.NewExplainer(cfg, crawler.ExplainOptions{Base: "https://www.example.org/docs/", Offline: true})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	for _, raw := range []string{"intro.html#top", "../blog/", "mailto:me@example.org"} {
		x, err := e.Explain(context.Background(), raw)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(raw, x.Allowed)
		for _, c := range x.Checks {
			if !c.OK {
				fmt.Printf("  %s: %s\n", c.Name, c.Reason)
			}
		}
	}
	// Output:
	// intro.html#top true
	// ../blog/ false
	//   scope: outside --scope prefix, which holds www.example.org/docs/
	// mailto:me@example.org false
	//   scope: a crawl fetches http and https URLs, and no mailto: ones
}
