package robots_test

import (
	"fmt"

	"tandem/crawler/robots"
)

// May this crawler fetch these pages, and which line says so?
func ExampleParse() {
	file := []byte(`User-agent: *
Disallow: /private/
Allow: /private/readme$
Crawl-delay: 0.5
Sitemap: https://example.com/sitemap.xml`)
	rules := robots.Parse(file, "TandemFetch")
	for _, path := range []string{"/", "/private/x", "/private/readme"} {
		ok, rule := rules.Allowed(path)
		fmt.Printf("%s %t %q\n", path, ok, rule)
	}
	fmt.Println(rules.CrawlDelay(), rules.Sitemaps())
	// Output:
	// / true ""
	// /private/x false "Disallow: /private/"
	// /private/readme true "Allow: /private/readme$"
	// 500ms [https://example.com/sitemap.xml]
}

// What if there is no robots.txt, or the server is down?
func ExampleForStatus() {
	for _, status := range []int{404, 503} {
		ok, rule := robots.ForStatus(status).Allowed("/")
		fmt.Printf("%t %q\n", ok, rule)
	}
	// Output:
	// true ""
	// false "robots.txt answers with status 503"
}
