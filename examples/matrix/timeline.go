package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// scene is a small run whose items are drawn: who ran when. The items are no comparison between languages: Go's are
// larger where Go is faster, so that each takes long enough to be seen.
type scene struct {
	Name   string
	Width  int
	Go     []item
	Python []item
}

// scenes returns what is drawn.
func scenes(quick bool, width int) []scene {
	waits, ranges, numbers := 12, 8, 180_000
	if quick {
		waits, ranges, numbers = 8, 6, 110_000
	}
	return []scene{
		{Name: "I/O-bound", Width: 4, Go: items(kindIO, waits, 0), Python: items(kindIO, waits, 0)},
		{Name: "CPU-bound", Width: min(width, 4), Go: items(kindCPU, ranges, numbers), Python: items(kindCPU, ranges, numbers/23)},
	}
}

// timeline is one scene on one executor.
type timeline struct {
	Executor executor `json:"executor"`
	Scene    string   `json:"scene"`
	Lanes    []lane   `json:"lanes"`
	Ends     float64  `json:"ends_ms"` // when the last item ended, after the first one began
	Most     int      `json:"most"`    // items that were begun and not ended at the same time
}

// lane is one goroutine, thread or process.
type lane struct {
	Name  string `json:"name"`
	Spans []span `json:"spans"`
}

// span is one item, in ms since the first one of the timeline began.
type span struct {
	Item int     `json:"item"`
	From float64 `json:"from_ms"`
	To   float64 `json:"to_ms"`
}

// film runs every scene on every executor a few times and keeps the quickest take, which others disturbed least.
func (b *bench) film(ctx context.Context, p *plan) ([]timeline, error) {
	var all []timeline
	for _, s := range p.Scenes {
		for _, ex := range executors(b.python != nil) {
			items := s.Go
			if ex.Base == pySerial {
				items = s.Python
			}
			if _, _, err := b.run(ctx, ex, s.Width, items[:1]); err != nil { // opens what must be open
				return nil, err
			}
			var best timeline
			for take := range p.Takes {
				_, outcomes, err := b.run(ctx, ex, s.Width, items)
				if err != nil {
					return nil, err
				}
				if t := draw(ex, s.Name, outcomes); take == 0 || t.Ends < best.Ends {
					best = t
				}
			}
			all = append(all, best)
		}
	}
	return all, nil
}

// draw sorts outcomes into lanes, in the order in which those began.
func draw(ex executor, scene string, outcomes []outcome) timeline {
	t := timeline{Executor: ex, Scene: scene}
	if len(outcomes) == 0 {
		return t
	}
	type who struct{ pid, lane int }
	index := make(map[who]int)
	order := make([]int, len(outcomes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(outcomes[a].Began, outcomes[b].Began) })
	zero := outcomes[order[0]].Began
	for _, i := range order {
		o := outcomes[i]
		key := who{pid: o.PID}
		if ex.Lane != "process" {
			key.lane = o.Lane
		}
		n, known := index[key]
		if !known {
			n = len(t.Lanes)
			index[key] = n
			t.Lanes = append(t.Lanes, lane{Name: laneName(ex, n, o)})
		}
		s := span{Item: i + 1, From: ms(o.Began - zero), To: ms(o.Ended - zero)}
		t.Lanes[n].Spans = append(t.Lanes[n].Spans, s)
		t.Ends = max(t.Ends, s.To)
	}
	t.Most = most(outcomes)
	return t
}

// laneName names lane n, in which the outcome came about.
func laneName(ex executor, n int, o outcome) string {
	if ex.Lane == "process" {
		return fmt.Sprintf("process %d", o.PID)
	}
	return fmt.Sprintf("%s %d", ex.Lane, n+1)
}

// ms converts nanoseconds.
func ms(ns int64) float64 { return float64(ns) / float64(time.Millisecond) }

// most returns how many items were under way at the same time at most.
func most(outcomes []outcome) int {
	type edge struct {
		at   int64
		step int
	}
	var edges []edge
	for _, o := range outcomes {
		edges = append(edges, edge{o.Began, 1}, edge{o.Ended, -1})
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.step, b.step)) })
	now, top := 0, 0
	for _, e := range edges {
		now += e.step
		top = max(top, now)
	}
	return top
}
