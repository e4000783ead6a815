package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// panel is one kind of work: bars, and the table beside them.
type panel struct {
	Name, Is string
	Axis     string // what the bars show
	Bars     []bar
	Ticks    []tick
	One      float64 // where ×1 lies, in percent
	Head     []string
	Groups   []group
	Equal    string
}

// bar is one executor's speed-up. Shares are in percent of the axis.
type bar struct {
	Name, Class, Value, Label string
	Share, Low, High          float64
}

// tick is a mark on an axis.
type tick struct {
	At   float64
	Text string
	Edge string // text-anchor of it
}

// group is the rows of one language in a table.
type group struct {
	Name string
	Rows [][]string
}

// class returns the style class of an executor: its language, and whether it is what others are compared with.
func class(ex executor) string {
	c := "go"
	if ex.Base == pySerial {
		c = "py"
	}
	if ex.ID == ex.Base {
		c += " base"
	}
	return c
}

// spreadColumn is the one of measured that the bars show already.
const spreadColumn = 4

// panels returns the charts of all kinds of work.
func panels(f figures) []panel {
	var all []panel
	for _, r := range f.Rows {
		p := panel{Name: r.Job.Name, Is: fmt.Sprintf("%d %s; %d at once.", len(r.Job.Items), r.Job.Is, r.Job.Width),
			Axis:  "Speed-up over the same language's serial run (line: least to most of the rounds)",
			Equal: fmt.Sprintf("Results equal on every executor: %d of %d.", r.Equal, len(r.Job.Items))}
		top := 1.0
		for _, c := range r.Cells {
			top = max(top, c.Speedup.Max)
		}
		p.Ticks, top = scale(top, func(v float64) string { return strings.TrimSuffix(fmt.Sprintf("×%.1f", v), ".0") })
		p.One = percent(1 / top)
		for _, c := range r.Cells {
			p.Bars = append(p.Bars, bar{Name: c.Executor.Name, Class: class(c.Executor), Value: times(c.Speedup.Median),
				Label: fmt.Sprintf("%s: %s as fast as serial, from %s to %s", c.Executor.Name, times(c.Speedup.Median), times(c.Speedup.Min), times(c.Speedup.Max)),
				Share: percent(c.Speedup.Median / top), Low: percent(c.Speedup.Min / top), High: percent(c.Speedup.Max / top)})
		}
		rows := measured(r)
		for _, head := range slices.Delete(rows[0], spreadColumn, spreadColumn+1) {
			p.Head = append(p.Head, strings.ReplaceAll(head, "-", "\u2011")) // not to be broken there
		}
		for i, c := range r.Cells {
			language, name, _ := strings.Cut(c.Executor.Name, ", ")
			if len(p.Groups) == 0 || p.Groups[len(p.Groups)-1].Name != language {
				p.Groups = append(p.Groups, group{Name: language})
			}
			g := &p.Groups[len(p.Groups)-1]
			g.Rows = append(g.Rows, append([]string{name}, slices.Delete(rows[i+1], spreadColumn, spreadColumn+1)[1:]...))
		}
		all = append(all, p)
	}
	return all
}

// scale returns marks at round values from 0 on, and the value at the end of the axis, which is a little beyond top.
func scale(top float64, text func(float64) string) ([]tick, float64) {
	if top <= 0 || math.IsNaN(top) || math.IsInf(top, 0) {
		top = 1
	}
	step := math.Pow(10, math.Floor(math.Log10(top)))
	for _, part := range []float64{0.1, 0.2, 0.25, 0.5, 1, 2} {
		if top/(step*part) <= 5 {
			step *= part
			break
		}
	}
	end := top * 1.03
	var ticks []tick
	for i := 0; float64(i)*step <= end; i++ {
		t := tick{At: percent(float64(i) * step / end), Text: text(float64(i) * step), Edge: "middle"}
		if i == 0 {
			t.Edge = "start"
		} else if t.At > 95 {
			t.Edge = "end"
		}
		ticks = append(ticks, t)
	}
	return ticks, end
}

// stage is one scene: who ran when, on every executor, one axis per language.
type stage struct {
	Name  string
	Is    string
	Casts []cast
}

// cast is the executors of one language.
type cast struct {
	Name  string
	Plays []play
	Ticks []tick
}

// play is one executor's run.
type play struct {
	Name, Class, Text, Label string
	Lanes                    []track
}

// track is one lane of a play.
type track struct {
	Name   string
	Blocks []block
}

// block is one item. Shares are in percent of the axis.
type block struct {
	At, Width float64
	Odd       bool
	Number    string // empty where there is no room for it
	Tight     bool   // there is none on a narrow screen
	Middle    float64
	Label     string
}

// stages returns the timelines, by scene and language.
func stages(f figures) []stage {
	var all []stage
	ends := make(map[string]float64)
	key := func(t timeline) string { return t.Scene + t.Executor.Base }
	for _, t := range f.Timelines {
		ends[key(t)] = max(ends[key(t)], t.Ends)
	}
	for _, t := range f.Timelines {
		if len(all) == 0 || all[len(all)-1].Name != t.Scene {
			all = append(all, stage{Name: t.Scene, Is: map[string]string{
				"I/O-bound": "A block is a request, from asking to the answer. Nobody computes meanwhile: waits overlap in any number, on any core.",
				"CPU-bound": "A block is a range of numbers, from its first to its last. Where blocks overlap without ending sooner, they take turns on one core.",
			}[t.Scene]})
		}
		s := &all[len(all)-1]
		language, name, _ := strings.Cut(t.Executor.Name, ", ")
		if len(s.Casts) == 0 || s.Casts[len(s.Casts)-1].Name != language {
			s.Casts = append(s.Casts, cast{Name: language})
		}
		c := &s.Casts[len(s.Casts)-1]
		ticks, end := scale(ends[key(t)], stamp)
		c.Ticks = ticks
		c.Plays = append(c.Plays, staged(t, name, end))
	}
	return all
}

// staged lays one timeline out on an axis that ends there.
func staged(t timeline, name string, end float64) play {
	p := play{Name: name, Class: class(t.Executor), Text: stamp(t.Ends) + " in all; under way at once: " + fmt.Sprint(t.Most),
		Label: fmt.Sprintf("%s: %d lanes, %s in all, at most %d items under way at once", t.Executor.Name, len(t.Lanes), stamp(t.Ends), t.Most)}
	for _, l := range t.Lanes {
		track := track{Name: l.Name}
		for _, s := range l.Spans {
			at, width := percent(s.From/end), percent((s.To-s.From)/end)
			b := block{At: at, Width: max(width, 0.3), Odd: s.Item%2 == 1, Middle: at + width/2,
				Label: fmt.Sprintf("item %d: from %s to %s", s.Item, stamp(s.From), stamp(s.To))}
			if width >= 5 {
				b.Number, b.Tight = fmt.Sprint(s.Item), width < 10
			}
			track.Blocks = append(track.Blocks, b)
		}
		p.Lanes = append(p.Lanes, track)
	}
	return p
}

// trial is one disaster.
type trial struct {
	Name, Is string
	Rows     []ruin
}

// ruin is what it did to one executor.
type ruin struct {
	Name, Class, Delivered, After, Sign, Took, Said string
	Share                                           float64
	Good                                            bool
}

// trials returns the disasters.
func trials(f figures) []trial {
	var all []trial
	for _, d := range disasters(f.Ordeal) {
		t := trial{Name: d.Name, Is: d.Is}
		for _, x := range f.Fates {
			if x.Disaster.Kind != d.Kind {
				continue
			}
			share := 0.0
			if x.Items > 0 {
				share = percent(float64(x.Delivered) / float64(x.Items))
			}
			t.Rows = append(t.Rows, ruin{Name: x.Executor.Name, Class: class(x.Executor), Share: share, Good: x.After == goesOn,
				Delivered: fmt.Sprintf("%d of %d", x.Delivered, x.Items), After: string(x.After),
				Sign: map[after]string{goesOn: "✓", broken: "!", gone: "✕", hangs: "∞"}[x.After], Took: duration(x.Took), Said: x.Said})
		}
		all = append(all, t)
	}
	return all
}
