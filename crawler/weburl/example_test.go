package weburl_test

import (
	"fmt"

	"tandem/crawler/weburl"
)

// Two spellings of a link are one page when their canonical forms are equal.
func Example() {
	page, _ := weburl.Parse("HTTP://Example.com:80/docs/guide/../index.html")
	link, _ := page.Resolve("./a b.html?q=1#section")
	fmt.Println(page)
	fmt.Println(link)
	fmt.Println(link.SURT())
	// Output:
	// http://example.com/docs/index.html
	// http://example.com/docs/a%20b.html?q=1
	// com,example)/docs/a%20b.html?q=1
}

func ExampleNewScope() {
	seed, _ := weburl.Parse("https://www.example.co.uk/docs/")
	scope, _ := weburl.NewScope("domain", []weburl.URL{seed})
	for _, raw := range []string{"http://shop.example.co.uk/", "http://other.co.uk/"} {
		u, _ := weburl.Parse(raw)
		fmt.Println(u, scope.Contains(u))
	}
	// Output:
	// http://shop.example.co.uk/ true
	// http://other.co.uk/ false
}
