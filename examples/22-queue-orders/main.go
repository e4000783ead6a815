// Lesson 22: which page comes next.
//
// # Question
//
// A program visits the pages of a site, a tree: it takes a page out of a queue and puts the pages below into it, until the
// queue is empty. The queue is FIFO: first in, first out. Then somebody makes it LIFO: last in, first out. What changes?
//
//	a) the same pages come, from the last to the first
//	b) it goes down one branch to its end before it comes to the next
//	c) nothing: every page is put once and taken once
//
// # Answer
//
// b. FIFO goes breadth first: all pages one link away, then all that are two links away. LIFO goes depth first: what a
// page has just put comes out next. The third order is best first, with a priority queue: of all pages that wait, the one
// that is wanted most. The order is all that tells the three programs apart, and it decides which pages you have when
// you stop early, and how much waits: breadth first keeps a whole level of the tree, depth first what hangs beside one branch.
//
//	a) would need the deepest page to come first. But nobody knows of it before the pages above it are read.
//	c) is right about how often, and wrong about when.
//
// # Common mistake
//
// "A priority queue visits in the order of the ranks." It picks the best that it holds: a1x has the best rank here and
// comes sixth, since nobody put it earlier. And "the queue is empty, so we are done" holds for one visitor only: another
// may be reading a page whose links are still to come (lesson 34).
//
// # Python
//
//	import queue
//	below = {"home": "abc", "a": ["a1", "a2"], "b": ["b1"], "c": ["c1", "c2"], "a1": ["a1x"]}
//	rank = dict(home=1, a=5, b=3, c=4, a1=2, a2=6, b1=8, c1=7, c2=9, a1x=1)
//	for kind in queue.Queue, queue.LifoQueue, queue.PriorityQueue:
//	    q, visited = kind(), []
//	    q.put((rank["home"], "home"))
//	    while not q.empty():
//	        page = q.get()[1]
//	        visited.append(page)
//	        for p in below.get(page, []):
//	            q.put((rank[p], p))
//	    print(kind.__name__, *visited)
//
// # In production
//
//	crawler/frontier/host.go: lowest depth first
//	pipeline/buffer.go: last in, first out
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"strings"

	"tandem/examples/internal/lesson"
	"tandem/pipeline"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

// page is a page and what it links to.
type page struct {
	name  string
	rank  int // 1 is wanted most
	below []page
}

// run visits a small site in each order, then a large one to see how much waits.
func run() error {
	site := page{"home", 1, []page{
		{"a", 5, []page{{"a1", 2, []page{{"a1x", 1, nil}}}, {"a2", 6, nil}}},
		{"b", 3, []page{{"b1", 8, nil}}},
		{"c", 4, []page{{"c1", 7, nil}, {"c2", 9, nil}}},
	}}
	fmt.Println("The site, with the rank of each page; 1 is wanted most:")
	draw(site, "  ")
	orders := map[pipeline.Order]string{}
	for _, order := range []pipeline.Order{pipeline.FIFO, pipeline.LIFO, pipeline.Priority} {
		visited, _, err := visit(site, order)
		if err != nil {
			return err
		}
		orders[order] = strings.Join(visited, " ")
		fmt.Printf("%-8s %s\n", order, orders[order])
	}
	large := tree(8)
	breadth, wide, err := visit(large, pipeline.FIFO)
	if err != nil {
		return err
	}
	depth, deep, err := visit(large, pipeline.LIFO)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d pages, 3 links on each: at most %d wait with fifo, %d with lifo\n", len(breadth), wide, deep)
	if orders[pipeline.FIFO] != "home a b c a1 a2 b1 c1 c2 a1x" ||
		orders[pipeline.LIFO] != "home c c2 c1 b b1 a a2 a1 a1x" ||
		orders[pipeline.Priority] != "home b c a a1 a1x a2 c1 b1 c2" ||
		len(breadth) != 9841 || len(depth) != 9841 || wide != 6561 || deep != 17 {
		return errors.New("something else happened")
	}
	return nil
}

// draw prints a page and those below it.
func draw(p page, indent string) {
	fmt.Printf("%s%s %d\n", indent, p.name, p.rank)
	for _, b := range p.below {
		draw(b, indent+"    ")
	}
}

// visit visits every page and returns the names in the order of the visits, and the largest number of pages that waited.
func visit(home page, order pipeline.Order) (visited []string, most int, err error) {
	ctx := context.Background()
	cfg := pipeline.QueueConfig[page]{Order: order}
	if order == pipeline.Priority {
		cfg.Less = func(a, b page) bool { return a.rank < b.rank }
	}
	q, err := pipeline.NewQueue(cfg)
	if err != nil {
		return nil, 0, fmt.Errorf("make queue %q: %w", order, err)
	}
	defer q.Close()
	if err := q.Put(ctx, home); err != nil {
		return nil, 0, fmt.Errorf("put page %q: %w", home.name, err)
	}
	for p, ok := q.TryGet(); ok; p, ok = q.TryGet() {
		visited = append(visited, p.name)
		for _, next := range p.below {
			if err := q.Put(ctx, next); err != nil {
				return nil, 0, fmt.Errorf("put page %q: %w", next.name, err)
			}
		}
		most = max(most, q.Len())
	}
	return visited, most, nil
}

// tree returns a page with three pages below it, and so on, that many levels down.
func tree(levels int) page {
	var p page
	if levels > 0 {
		below := tree(levels - 1) // three times the same: their names do not matter
		p.below = []page{below, below, below}
	}
	return p
}
