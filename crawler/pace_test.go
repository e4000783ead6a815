package crawler

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"tandem/internal/transport"
)

const ms = time.Millisecond

// feed gives n answers of the same time and returns the gap after them.
func (p *pace) feed(n int, took, interval time.Duration) time.Duration {
	for range n {
		p.answer(took, interval)
	}
	return p.gap
}

func TestPaceOfOverload(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		interval time.Duration
		want     []time.Duration // gaps after one sign more each time
	}{
		{0, []time.Duration{250 * ms, 500 * ms, time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second}},
		{100 * ms, []time.Duration{250 * ms, 500 * ms, time.Second, 2 * time.Second, 4 * time.Second}},
		{time.Second, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 16 * time.Second}},
		{10 * time.Second, []time.Duration{20 * time.Second, 40 * time.Second, time.Minute, time.Minute}},
	} {
		var p pace
		for i, want := range tc.want {
			if p.overload(tc.interval); p.gap != want {
				t.Errorf("interval %v: gap %v after %d signs, want %v", tc.interval, p.gap, i+1, want)
			}
		}
		if got := p.feed(12, 5*ms, tc.interval); got != 0 {
			t.Errorf("interval %v: gap %v after 12 good answers, want none", tc.interval, got)
		}
	}
}

// A host is slowed when its answers take much longer than they usually do, and let go when they no longer do.
func TestPaceOfLatency(t *testing.T) {
	t.Parallel()
	var p pace
	if got := p.feed(50, 20*ms, 100*ms); got != 0 {
		t.Errorf("steady answers: gap %v", got)
	}
	if got := p.feed(3, 300*ms, 100*ms); got != 0 {
		t.Errorf("a few that take 300 ms: gap %v, want none: that is no overload", got)
	}
	for range 20 { // a page that takes its time among others
		p.feed(2, 30*time.Second, 100*ms)
		p.feed(1, 20*ms, 100*ms)
	}
	if p.gap != 0 {
		t.Errorf("a slow page among quick ones: gap %v", p.gap)
	}
	if got := p.feed(3, 3*time.Second, 100*ms); got != 250*ms {
		t.Errorf("three answers that take 3 s: gap %v, want 250ms", got)
	}
	if got := p.feed(10, 3*time.Second, 100*ms); got != 3*time.Second {
		t.Errorf("ten more: gap %v, want as long as they take", got)
	}
	if got := p.feed(40, 25*ms, 100*ms); got != 0 {
		t.Errorf("well again: gap %v", got)
	}
}

// A host that takes longer for good, whatever it is asked, is let go in the end: its answers tell nothing of what it has to do.
func TestPaceOfLastingChange(t *testing.T) {
	t.Parallel()
	for _, took := range []time.Duration{300 * ms, 800 * ms, 5 * time.Second} {
		var p pace
		p.feed(50, 20*ms, 0)
		p.overload(0)
		late := took > 20*ms+grownBy
		if got := p.feed(20, took, 0); got == 0 == late {
			t.Errorf("%v from now on: gap %v after 20 answers; late: %v", took, got, late)
		}
		if got := p.feed(280, took, 0); got != 0 {
			t.Errorf("%v from now on: gap %v after 300 answers, usual %v", took, got, p.usual)
		}
	}
}

// A host that is slow from the start is not taken for overloaded, and neither is one that becomes slower little by little.
func TestPaceOfSlowHosts(t *testing.T) {
	t.Parallel()
	var slow pace
	if got := slow.feed(50, 4*time.Second, 0); got != 0 {
		t.Errorf("always 4 s: gap %v", got)
	}
	var slower pace
	for i := range 400 {
		slower.answer(100*ms+time.Duration(i)*ms, 0)
	}
	if slower.gap != 0 {
		t.Errorf("from 100 to 500 ms in 400 answers: gap %v", slower.gap)
	}
}

func TestPacerNotes(t *testing.T) {
	t.Parallel()
	set := map[string]time.Duration{}
	p := newPacer(0, func(host string, gap time.Duration) { set[host] = gap })
	status := func(n int) *transport.Response { return &transport.Response{Status: n} }
	for _, tc := range []struct {
		host   string
		resp   *transport.Response
		err    error
		slowed bool
		gap    time.Duration
	}{
		{"a", status(http.StatusOK), nil, false, 0},
		{"a", nil, &transport.Error{Class: transport.ClassRefused}, false, 0},
		{"a", nil, &transport.Error{Class: transport.ClassTimeout}, false, 0}, // one is no sign
		{"a", status(http.StatusTooManyRequests), nil, true, 250 * ms},
		{"b", status(http.StatusServiceUnavailable), nil, true, 250 * ms},
		{"b", status(http.StatusNotFound), nil, false, 125 * ms}, // it answers
		{"b", status(http.StatusInternalServerError), nil, false, 62500 * time.Microsecond},
		{"b", status(http.StatusOK), nil, false, 0},
	} {
		if got := p.note(tc.host, tc.resp, tc.err, 30*time.Second); got != tc.slowed || set[tc.host] != tc.gap {
			t.Errorf("note(%s, %v, %v) = %v, gap %v; want %v, %v", tc.host, tc.resp, tc.err, got, set[tc.host], tc.slowed, tc.gap)
		}
	}
	for i := range maxPaces + 10 {
		p.note(fmt.Sprint(i), status(http.StatusOK), nil, 0)
	}
	if len(p.hosts) > maxPaces || p.hosts["a"] == nil {
		t.Errorf("%d hosts remembered, the slowed one: %v", len(p.hosts), p.hosts["a"])
	}
}

// One URL that asks to come back much later does not speak for its host; several in a row do, until another one answers.
func TestSentAway(t *testing.T) {
	t.Parallel()
	p := newPacer(0, func(string, time.Duration) {})
	unavailable, fine := &transport.Response{Status: http.StatusServiceUnavailable}, &transport.Response{Status: http.StatusOK}
	away := func() time.Duration {
		p.note("a", unavailable, nil, 0)
		return p.sendAway("a")
	}
	for i, want := range []time.Duration{10 * time.Second, time.Minute, maxRetryAfter, maxRetryAfter} {
		if got := away(); got != want {
			t.Errorf("answer %d: %v, want %v", i+1, got, want)
		}
	}
	p.note("a", fine, nil, 0)
	if got := away(); got != 10*time.Second {
		t.Errorf("after a good answer: %v, want 10s", got)
	}
}
