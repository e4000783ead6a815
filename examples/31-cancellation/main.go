// Lesson 31: cancellation.
//
// # Question
//
// Four pages of two hosts are fetched at once, each by a goroutine of an errgroup and with the group's context. Page 1
// fails. Pages 2 and 3 wait for their server or for the end of the context. Page 4 only computes, and never looks at its
// context. What happens?
//
//	a) pages 2, 3 and 4 are stopped, wherever they are, and Wait returns
//	b) pages 2 and 3 return at once, page 4 computes to its end, and then Wait returns the error of page 1
//	c) Wait returns the error of page 1 at once; the others go on in the background
//
// # Answer
//
// b. To cancel is to tell, not to stop. The first error cancels the group's context; whoever looks at the context (or
// waits for its Done channel) can return, with everything closed and tidied up, and whoever does not look goes on. Wait
// returns when all have returned. Contexts make a tree, as the calls do: the error of a page ends the pages of its host,
// goes up, ends the other host, and is kept as the cause: context.Cause says why, ctx.Err only that it is over.
//
//	a) nothing in Go stops a goroutine from outside: it might hold a lock, or half a file.
//	c) is Promise.all in JavaScript, and asyncio.gather in Python. An errgroup waits for everybody, so that nothing of
//	   it runs when Wait has returned.
//
// # Common mistake
//
// Work without a look at ctx, in a long loop or in a call that takes none: it makes everybody wait who waits for the
// group. And return ctx.Err() as the whole error: "context canceled" tells nobody what went wrong.
//
// # Python
//
//	import asyncio
//	async def page(name, fails):
//	    try:
//	        await asyncio.sleep(0 if fails else 3600)
//	        raise OSError("connection refused")
//	    except asyncio.CancelledError:
//	        print(name, "is told")  # it could tidy up here, and it could go on
//	        raise
//	async def main():  # since Python 3.11, asyncio.TaskGroup does this
//	    pages = [asyncio.ensure_future(page(f"page {n}", n == 1)) for n in (1, 2, 3)]
//	    done, rest = await asyncio.wait(pages, return_when=asyncio.FIRST_EXCEPTION)
//	    [p.cancel() for p in rest]
//	    await asyncio.gather(*rest, return_exceptions=True)
//	    print("cause:", [p.exception() for p in done])
//	asyncio.run(main())  # a thread cannot be cancelled
//
// # In production
//
//	processor/compute.go: errgroup.WithContext(ctx)
//	crawler/run.go: context.Cause(ctx)
package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"

	"tandem/examples/internal/lesson"
)

//go:embed main.go
var source string

func main() { os.Exit(lesson.Run(source, run)) }

const steps = 1000

var errRefused = errors.New("connection refused")

// run fetches the site, and prints what became of its pages.
func run() error {
	var s site
	s.begun.Add(4)
	s.told.Add(2)
	err := s.fetch(context.Background())

	fmt.Println("host a   page 1  fails:", errRefused)
	fmt.Println("         page 2  is told:", s.page2)
	fmt.Println("host b   page 3  is told:", s.page3)
	fmt.Printf("         page 4  does not look: %d of %d steps after that\n", s.page4, steps)
	fmt.Println("Wait returns", err)
	if !errors.Is(err, errRefused) || !errors.Is(s.page3, errRefused) || s.page4 != steps {
		return fmt.Errorf("fetch site: %w, page 3 %v, page 4 %d steps", err, s.page3, s.page4)
	}
	return nil
}

// site is four pages on two hosts, and what became of them.
type site struct {
	begun, told  sync.WaitGroup
	page2, page3 error
	page4        int // steps done
}

// fetch fetches both hosts at once; each of them is a group of its own below this one.
func (s *site) fetch(ctx context.Context) error {
	hosts, ctx := errgroup.WithContext(ctx)
	hosts.Go(func() error {
		pages, ctx := errgroup.WithContext(ctx)
		pages.Go(func() error { return within("page 1", s.fail()) })
		pages.Go(func() error { s.page2 = s.wait(ctx); return s.page2 })
		return within("host a", pages.Wait())
	})
	hosts.Go(func() error {
		pages, ctx := errgroup.WithContext(ctx)
		pages.Go(func() error { s.page3 = s.wait(ctx); return s.page3 })
		pages.Go(func() error { s.page4 = s.compute(ctx); return nil })
		return within("host b", pages.Wait())
	})
	return hosts.Wait()
}

// fail fails when all four pages have begun.
func (s *site) fail() error {
	s.begun.Done()
	s.begun.Wait()
	return errRefused
}

// wait waits for a server that never answers, and returns why it gave up.
func (s *site) wait(ctx context.Context) error {
	defer s.told.Done()
	s.begun.Done()
	<-ctx.Done()
	return fmt.Errorf("%w, because %w", ctx.Err(), context.Cause(ctx))
}

// compute begins its steps when everybody else was told to stop. It has the context, too, and does not look at it.
func (s *site) compute(context.Context) (done int) {
	s.begun.Done()
	s.told.Wait()
	for done < steps {
		done++ // if ctx.Err() != nil, it should return here
	}
	return done
}

// within says where an error comes from.
func within(place string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", place, err)
}
