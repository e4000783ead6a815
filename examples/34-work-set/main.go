// Lesson 34: a work set that feeds itself.
//
// # Question
//
// A crawl begins with one page in a queue. A loop takes a page out and starts a goroutine that fetches it, which takes some
// milliseconds, and puts the links that nobody has seen yet into the queue. The loop ends when the queue is empty. The
// site has seven pages, and links lead to all of them. How many are fetched?
//
//	a) one: the queue is empty while the first page is being fetched
//	b) seven: the queue is empty only when all are done
//	c) it never ends: the pages link back to each other
//
// # Answer
//
// a. An empty queue says that nothing waits. It does not say that nothing is in hand, and what is in hand may bring more.
// The set is finished when nothing waits and nothing is in hand: count what was put and is not done. One goes up for each
// page put, down for each page done, and a page is done after its links were put, so that the count never touches zero
// too soon. Queue of package pipeline counts this way: Put, Done, and Join, which waits for zero.
//
//	b) holds for a single worker that looks at the queue only between two pages. With a second one it is wrong.
//	c) is what the set of seen links is for. Each page gets into the queue once, so the work has an end.
//
// # Common mistake
//
// To wait a little and look again: "empty for three seconds means finished". One page that takes four seconds, and all
// that lies behind it is lost; and every crawl ends three seconds late. The other one: Done before the links were put.
//
// # Python
//
//	import queue, threading
//	site = {"/": ["/a", "/b"], "/a": ["/a/1", "/a/2", "/"], "/b": ["/a", "/b/1"], "/a/2": ["/a/2/x"]}
//	todo, seen, lock = queue.Queue(), {"/"}, threading.Lock()
//	def work():
//	    while True:
//	        links = site.get(todo.get(), [])
//	        with lock:
//	            new = [link for link in links if link not in seen]
//	            seen.update(new)
//	        [todo.put(link) for link in new]
//	        todo.task_done()  # after its links were put
//	for _ in range(3):
//	    threading.Thread(target=work, daemon=True).start()
//	todo.put("/"), todo.join()  # not: while not todo.empty()
//	print(len(seen), "pages")
//
// # In production
//
//	pipeline/queue.go: unfinished int
//	crawler/frontier/scheduler.go: s.pending == 0 && len(s.flights) == 0
package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"sync"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

// site returns the pages of a small site and their links.
func site() map[string][]string {
	return map[string][]string{
		"/": {"/a", "/b"}, "/a": {"/a/1", "/a/2", "/"}, "/b": {"/a", "/b/1"}, "/a/1": {"/"},
		"/a/2": {"/a/2/x", "/a"}, "/a/2/x": {}, "/b/1": {"/b"},
	}
}

// run crawls the site until the queue is empty, then until all is done.
func run() error {
	early, whole := newCrawl(), newCrawl()
	inHand, late, err := early.untilEmpty()
	if err != nil {
		return fmt.Errorf("crawl until the queue is empty: %w", err)
	}
	fmt.Println("until the queue is empty")
	fmt.Printf("  the loop looks: no page waits, %d is in hand; the loop ends\n", inHand)
	fmt.Printf("  fetched: %d of %d pages; %d new links came too late\n", early.fetched, len(site()), late)

	if err := whole.untilDone(context.Background(), 3); err != nil {
		return fmt.Errorf("crawl until all is done: %w", err)
	}
	fmt.Println("until all that was put is done")
	fmt.Printf("  fetched: %d of %d pages, by 3 workers\n", whole.fetched, len(site()))
	if early.fetched != 1 || late != 2 || whole.fetched != len(site()) {
		return fmt.Errorf("%d and %d pages, want 1 and %d", early.fetched, whole.fetched, len(site()))
	}
	return nil
}

// crawl is what a crawl has seen and done.
type crawl struct {
	mu      sync.Mutex // guards the fields below
	seen    map[string]bool
	fetched int
}

// newCrawl returns a crawl that begins with the first page.
func newCrawl() *crawl { return &crawl{seen: map[string]bool{"/": true}} }

// fetch fetches a page and returns its links that nobody has seen yet.
func (c *crawl) fetch(page string) (links []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fetched++
	for _, link := range site()[page] {
		if !c.seen[link] {
			c.seen[link] = true
			links = append(links, link)
		}
	}
	return links
}

// untilEmpty crawls until the queue is empty. It returns how many pages were in hand then, and how many links are in the
// queue after that. A fetch takes longer than the loop takes for its next look: the channel sees to that.
func (c *crawl) untilEmpty() (inHand, late int, err error) {
	queue, err := pipeline.NewQueue(pipeline.QueueConfig[string]{})
	if err != nil {
		return 0, 0, err
	}
	queue.TryPut("/")
	looked := make(chan struct{})
	var fetching sync.WaitGroup
	for queue.Len() > 0 {
		page, _ := queue.TryGet()
		inHand++
		fetching.Go(func() {
			<-looked
			for _, link := range c.fetch(page) {
				queue.TryPut(link)
			}
		})
	}
	close(looked)
	fetching.Wait()
	return inHand, queue.Len(), nil
}

// untilDone crawls until every page that was put is done.
func (c *crawl) untilDone(ctx context.Context, workers int) error {
	queue, err := pipeline.NewQueue(pipeline.QueueConfig[string]{}) // without a bound: its workers feed it
	if err != nil {
		return err
	}
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for {
				page, err := queue.Get(ctx)
				if err != nil { // closed
					return
				}
				for _, link := range c.fetch(page) {
					queue.TryPut(link) // in a full queue, all workers might wait here, and nobody takes
				}
				queue.Done() // after its links: the count does not touch zero too soon
			}
		})
	}
	queue.TryPut("/")
	err = queue.Join(ctx)
	queue.Close()
	working.Wait()
	return err
}
