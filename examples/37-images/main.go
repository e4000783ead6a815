// Lesson 37: downloading many images.
//
// # Question
//
// A server takes 50 ms for each answer. Eight images are downloaded from it, at most four at once. How long does that take,
// on a computer with one core?
//
//	a) a little more than 100 ms: two rounds of four
//	b) 400 ms: one core does one download after the other
//	c) 200 ms at best: the four share the one core
//
// # Answer
//
// a. A download is waiting, and to wait needs no core: four goroutines wait at the same time as well as one does. The
// cores matter when the images are decoded, which is work. The limit is there for others: for the server, for memory,
// for the file descriptors of this process. An image that is broken, or never comes, is a result like the others, with an
// error in it: one of a million must not end the run. And every request has a deadline, or one silent server holds its
// place for ever.
//
//	b) holds for computing. Here the core has nothing to do but to begin and to end each download.
//	c) has the same mistake in it: the one core is hardly used, so sharing it costs nothing.
//
// # Common mistake
//
// go download(url) for every URL of the list. With eight it is the fastest; with a million, the process dies of its
// sockets and the server is attacked. Then: to return at the first error, no deadline, a body that is not closed (its
// connection is never used again), and to believe a header about the size of what is read.
//
// # Python
//
//	import http.client, http.server, threading, time
//	from concurrent.futures import ThreadPoolExecutor
//	class Slow(http.server.BaseHTTPRequestHandler):
//	    do_GET = lambda self: (time.sleep(0.05), self.send_response(200), self.end_headers(), self.wfile.write(b"image"))
//	    log_message = lambda self, *args: None
//	server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
//	threading.Thread(target=server.serve_forever, daemon=True).start()
//	def download(n):
//	    c = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
//	    return c.request("GET", f"/{n}.png"), c.getresponse().read(), c.close()
//	for at_once in (1, 4):
//	    with ThreadPoolExecutor(at_once) as pool:
//	        begin, n = time.perf_counter(), len(list(pool.map(download, range(8))))
//	    print(n, "images,", at_once, "at once:", round(time.perf_counter() - begin, 2), "s")
//
// # In production
//
//	crawler/run.go: range r.cfg.Concurrency
//	internal/transport/config.go: Timeout bounds one exchange
//	processor/columns.go: type Quarantined struct
package main

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

const (
	delay    = 50 * time.Millisecond // before every answer of the server
	patience = 10 * time.Second      // for one download
	maxBytes = 1 << 20               // of one image
)

// run downloads the images with three limits, and at last one that never comes.
func run() error {
	var g gallery
	server := httptest.NewServer(&g)
	defer server.Close()
	names := []string{"1.png", "2.png", "3.png", "4.png", "5.png", "6.png", "7.png", "sorry.png"}
	took := map[int]time.Duration{}
	fmt.Println("                       time  server busy with  images  errors")
	var results []result
	for _, atOnce := range []int{1, 4, len(names)} {
		begin := time.Now()
		results = downloadAll(server, names, atOnce)
		took[atOnce] = time.Since(begin)
		images := 0
		for _, r := range results {
			if r.err == nil {
				images++
			}
		}
		most := g.most()
		fmt.Printf("at most %d at once  %5d ms  %16d  %6d  %6d\n",
			atOnce, took[atOnce].Milliseconds(), most, images, len(names)-images)
		if images != 7 || most > atOnce {
			return fmt.Errorf("download images: %d came, %d at once; want 7, at most %d at once", images, most, atOnce)
		}
	}
	if took[4] >= took[1] {
		return fmt.Errorf("four at once took %v, one after the other %v; want about a quarter", took[4], took[1])
	}

	silent := download(server, "silent.png", delay) // it never answers: for a short deadline only
	fmt.Println()
	for _, r := range append(results, silent) {
		if r.err != nil {
			fmt.Printf("  %-10s  %v\n", r.name, r.err)
		} else {
			fmt.Printf("  %-10s  %3d x %2d pixels\n", r.name, r.size.Width, r.size.Height)
		}
	}
	if !errors.Is(silent.err, context.DeadlineExceeded) {
		return fmt.Errorf("download an image that never comes: %v, want %v", silent.err, context.DeadlineExceeded)
	}
	return nil
}

// result is what became of one download.
type result struct {
	name string
	size image.Config
	err  error
}

// downloadAll downloads the images, at most so many at once. An error is in its result, and stops no other one.
func downloadAll(server *httptest.Server, names []string, atOnce int) []result {
	results := make([]result, len(names))
	var downloads errgroup.Group
	downloads.SetLimit(atOnce)
	for i, name := range names {
		downloads.Go(func() error { // waits here for a free place
			results[i] = download(server, name, patience)
			return nil
		})
	}
	_ = downloads.Wait() // no function returns an error
	return results
}

// download downloads one image, in that time or not at all, and reads its size.
func download(server *httptest.Server, name string, deadline time.Duration) result {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	r := result{name: name}
	var body []byte
	if body, r.err = get(ctx, server.Client(), server.URL+"/"+name); r.err == nil {
		r.size, r.err = png.DecodeConfig(bytes.NewReader(body))
	}
	return r
}

// get returns the body of an answer, cut at maxBytes.
func get(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(io.LimitReader(response.Body, maxBytes))
}

// gallery is the server. It counts how many requests it is busy with.
type gallery struct {
	mu         sync.Mutex // guards the fields below
	busy, peak int
}

// ServeHTTP answers, after a while, with an image of as many times 16 by 9 pixels as the name says.
func (g *gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.count(1)
	defer g.count(-1) // the answer is small: it leaves after that
	if r.URL.Path == "/silent.png" {
		<-r.Context().Done() // until the client gives up
		return
	}
	time.Sleep(delay) // stands for a slow disk, or a long way
	var n int
	if _, err := fmt.Sscanf(r.URL.Path, "/%d.png", &n); err != nil {
		fmt.Fprintln(w, "<html>Sorry, we are closed.</html>") // with status 200, as it happens
		return
	}
	_ = png.Encode(w, image.NewGray(image.Rect(0, 0, 16*n, 9*n))) // an error is the client's
}

// count counts a request in or out.
func (g *gallery) count(change int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy += change
	g.peak = max(g.peak, g.busy)
}

// most returns the largest number of requests at once since it was asked last.
func (g *gallery) most() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	defer func() { g.peak = 0 }()
	return g.peak
}
