package frontier_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
)

// A crawl of a site that has three pages, by one worker. The loop ends when the frontier has counted every page as done.
func Example() {
	site := map[string][]string{"/": {"a", "b"}, "/a": {"b", "/"}, "/b": nil}
	dir, err := os.MkdirTemp("", "frontier")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	f, err := frontier.Open(frontier.DefaultConfig(dir))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()

	seed, err := weburl.Parse("http://example.com/")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := f.Add([]frontier.Link{{URL: seed, Seed: true}}); err != nil {
		log.Fatal(err)
	}
	for {
		item, err := f.Next(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		links := []frontier.Link{}
		for _, ref := range site[item.URL.Path()] { // here a crawler fetches and stores the page
			if u, err := item.URL.Resolve(ref); err == nil {
				links = append(links, frontier.Link{URL: u, Via: item.URL.String(), Depth: item.Depth + 1})
			}
		}
		added, err := f.Done(item, frontier.Outcome{State: frontier.Stored, Status: 200, Links: links})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s depth %d: %d new\n", item.URL, item.Depth, added)
	}
	fmt.Printf("%+v\n", f.Counts())
	// Output:
	// http://example.com/ depth 0: 2 new
	// http://example.com/a depth 1: 0 new
	// http://example.com/b depth 1: 0 new
	// {Known:3 Pending:0 InFlight:0 Done:3 Spent:0}
}
