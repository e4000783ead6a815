package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What comes from outside stays text: a processor's name, a version, a program's last words.
func TestRenderHostile(t *testing.T) {
	t.Parallel()
	const evil = `"'></pre></code><script>alert(1)</script><img src=x onerror=alert(2)>{{.}}`
	f := made(2, 2, &interpreter{evil, evil, true}, usual, usual, usual)
	f.Machine.Processor, f.Machine.Go, f.Machine.System, f.Command = evil, evil, evil, evil
	for i := range f.Fates {
		f.Fates[i].Said = evil
	}
	for i := range f.Timelines {
		f.Timelines[i].Lanes[0].Name = evil
	}
	text := rendered(t, f)
	for _, not := range []string{"<script", "<img", "ZgotmplZ"} {
		if strings.Contains(text, not) {
			t.Errorf("the page holds %q", not)
		}
	}
	if !strings.Contains(text, "&lt;script&gt;") {
		t.Error("the text is lost")
	}
}

func rendered(t *testing.T, f figures) string {
	t.Helper()
	var b bytes.Buffer
	if err := render(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The page is whole on every machine: all parts, no figure that is none, nothing from elsewhere.
func TestRender(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]figures{
		"usual":     made(2, 2, &locked, usual, speeds{1, 1, 2, 2, 1, 1, 2}, usual),
		"one core":  made(1, 1, &locked, usual, speeds{1, 1, 1, 1, 1, 1, 1}, usual),
		"no python": made(64, 64, nil, usual, speeds{1, 1, 15, 15}, speeds{1, 1, 15, 15}),
	} {
		text := rendered(t, f)
		for _, id := range []string{"predict", "speed", "timeline", "containment", "words", "how"} {
			if !strings.Contains(text, `<section id="`+id+`"`) {
				t.Errorf("%s: no section %s", name, id)
			}
		}
		if got := strings.Count(text, `<ul class="bars"`); got != 3 {
			t.Errorf("%s: %d charts", name, got)
		}
		if found := regexp.MustCompile(`NaN|Inf\b|%!|<no value>|https?://|src=|href=|x="-`).FindString(text); found != "" {
			t.Errorf("%s: the page holds %q", name, found)
		}
		nested(t, name, text)
	}
}

// nested checks that every element is closed where it has to be.
func nested(t *testing.T, name, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Entity = xml.HTMLEntity
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

func TestScale(t *testing.T) {
	t.Parallel()
	mark := func(v float64) string { return seconds(v) }
	for top, want := range map[float64]int{0: 6, 1: 6, 1.95: 5, 16: 4, 132: 3, 0.3: 4, 5e6: 6} {
		ticks, end := scale(top, mark)
		if len(ticks) != want || end < top {
			t.Errorf("top %v: %d marks up to %v, want %d", top, len(ticks), end, want)
		}
		for _, k := range ticks {
			if k.At < 0 || k.At > 100 {
				t.Errorf("top %v: mark at %v %%", top, k.At)
			}
		}
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	outcomes := []outcome{
		{Began: 5e6, Ended: 9e6, PID: 1, Lane: 20}, {Began: 1e6, Ended: 6e6, PID: 1, Lane: 10}, {Began: 6e6, Ended: 8e6, PID: 1, Lane: 10},
	}
	got := draw(executors(false)[2], "scene", outcomes)
	want := timeline{Executor: executors(false)[2], Scene: "scene", Ends: 8, Most: 2, Lanes: []lane{
		{"goroutine 1", []span{{2, 0, 5}, {3, 5, 7}}}, {"goroutine 2", []span{{1, 4, 8}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := draw(executors(false)[3], "scene", outcomes); len(got.Lanes) != 1 || got.Lanes[0].Name != "process 1" {
		t.Errorf("lanes of one process: %v", got.Lanes)
	}
	if got := draw(executors(false)[0], "scene", nil); len(got.Lanes) != 0 {
		t.Errorf("lanes of nothing: %v", got.Lanes)
	}
}

// A run is judged by the lines that it got out.
func TestWitness(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines   string
		hung    bool
		closing error
		words   string
		want    fate
	}{
		{"ready|done 0|done 1", false, io.EOF, "fatal error: x", fate{Delivered: 2, After: gone, Said: "fatal error: x"}},
		{"ready|done 0|lost 1 \"a\\nb\"|more|alive", false, nil, "", fate{Delivered: 1, Blamed: 1, After: goesOn, Said: "a\nb"}},
		{"ready|lost 0 why|lost 1 why|broken|alive", false, nil, "", fate{Blamed: 2, After: broken, Said: "why (the same of all 2)"}},
		{"ready|done 0", true, io.EOF, "", fate{Delivered: 1, After: hangs, Said: "nothing more for 0 ms; ended from outside"}},
		{"ready|done 0|more|alive", false, io.EOF, "", fate{Delivered: 1, After: broken}},
	} {
		w := witness{hung: c.hung}
		for line := range strings.SplitSeq(c.lines, "|") {
			w.note(line)
		}
		got := w.verdict(c.closing, c.words)
		got.Took = 0
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.lines, diff)
		}
	}
}

func TestGist(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                      "",
		"fatal error: out\nmore":                "fatal error: out",
		"Traceback (most\n  x\nValueError: y\n": "ValueError: y",
	} {
		if got := gist(text); got != want {
			t.Errorf("gist(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"-quick", "-rounds", "3", "-o", ""}, io.Discard)
	if err != nil || !o.quick || o.rounds != 3 || o.page != "" {
		t.Errorf("got %+v, %v", o, err)
	}
	for _, args := range [][]string{{"-rounds", "-1"}, {"-what"}, {"more"}} {
		var usage usageError
		if _, err := parse(args, io.Discard); !errors.As(err, &usage) {
			t.Errorf("%v: got %v", args, err)
		}
	}
	if _, err := parse([]string{"-h"}, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h: got %v", err)
	}
}
