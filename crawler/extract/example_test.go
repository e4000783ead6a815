package extract_test

import (
	"fmt"

	"tandem/crawler/extract"
	"tandem/crawler/weburl"
)

// What does a page link to, and what does it need to be shown?
func ExampleLinks() {
	page, _ := weburl.Parse("https://example.com/docs/")
	body := []byte(`<title>Docs</title>
		<link rel=stylesheet href=/style.css>
		<a href="intro.html#start">Intro</a> <a href="./intro.html">again</a>
		<img src=logo.png alt="The logo">`)
	result := extract.Links(page, "text/html", body, extract.Limits{})
	for _, link := range result.Links {
		fmt.Printf("%s %t %q\n", link.URL, link.Requisite, link.Alt)
	}
	// Output:
	// https://example.com/style.css true ""
	// https://example.com/docs/intro.html false ""
	// https://example.com/docs/logo.png true "The logo"
}
