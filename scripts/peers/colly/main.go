// Command colly crawls everything under the folder of a URL with Colly and writes each body to a file: what a careful user of
// Colly would write in a page of code. It is measured beside fetch by scripts/peers.sh.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/gocolly/colly/v2"
)

const parallel = 16

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: colly URL DIR")
		os.Exit(2)
	}
	if err := crawl(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "colly:", err)
		os.Exit(1)
	}
}

// crawl stores a body under the SHA-256 of its URL's path and query, which checks can compute as well.
func crawl(seed, dir string) error {
	prefix := seed[:strings.LastIndexByte(seed, '/')+1]
	var stored, refused, lost atomic.Int64
	var last atomic.Value // what lost a page

	c := colly.NewCollector(colly.Async(true), colly.MaxBodySize(0))
	c.DisableCookies()
	// The default transport keeps two connections to a host and would dial anew for almost every page.
	c.WithTransport(&http.Transport{MaxIdleConnsPerHost: parallel, DisableCompression: true})
	if err := c.Limit(&colly.LimitRule{DomainGlob: "*", Parallelism: parallel}); err != nil {
		return err
	}
	follow := func(e *colly.HTMLElement, link string) {
		// Colly takes a page and the page with a fragment for two.
		u, _, _ := strings.Cut(e.Request.AbsoluteURL(link), "#")
		if strings.HasPrefix(u, prefix) {
			_ = e.Request.Visit(u) // an error says that it was visited before
		}
	}
	c.OnHTML("a[href]", func(e *colly.HTMLElement) { follow(e, e.Attr("href")) })
	c.OnHTML(`meta[http-equiv="refresh"]`, func(e *colly.HTMLElement) {
		if _, u, ok := strings.Cut(e.Attr("content"), "="); ok {
			follow(e, strings.Trim(u, `'" `))
		}
	})
	c.OnResponse(func(r *colly.Response) {
		if err := os.WriteFile(filepath.Join(dir, fileOf(r.Request.URL)), r.Body, 0o644); err != nil {
			lost.Add(1)
			last.Store(err.Error())
			return
		}
		stored.Add(1)
	})
	c.OnError(func(r *colly.Response, err error) {
		if r.StatusCode >= 300 {
			refused.Add(1)
			return
		}
		lost.Add(1)
		last.Store(err.Error())
	})
	if err := c.Visit(seed); err != nil {
		return err
	}
	c.Wait()
	fmt.Printf("%d stored, %d answered otherwise, %d lost", stored.Load(), refused.Load(), lost.Load())
	if why := last.Load(); why != nil {
		fmt.Printf(", the last by: %v", why)
	}
	fmt.Println()
	return nil
}

func fileOf(u *url.URL) string {
	sum := sha256.Sum256([]byte(u.RequestURI()))
	return hex.EncodeToString(sum[:])
}
