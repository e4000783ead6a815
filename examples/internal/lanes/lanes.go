package lanes

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"time"
	"unicode/utf8"
)

// Chart collects spans of time on named lanes.
type Chart struct {
	began time.Time

	mu    sync.Mutex // guards the fields below
	names []string
	spans []span
}

type span struct {
	lane     int
	letter   byte
	from, to time.Duration // since began
}

// New returns a chart whose clock starts now. Lanes named here stand in this order; others follow as they come.
func New(names ...string) *Chart { return &Chart{began: time.Now(), names: names} }

// Begin starts a span on the lane and returns what ends it. The letter is what Draw fills it with.
func (c *Chart) Begin(lane string, letter byte) (end func()) {
	from := time.Since(c.began)
	return func() { c.Add(lane, letter, from, time.Since(c.began)) }
}

// Add adds a span from and to the given times since the chart began.
func (c *Chart) Add(lane string, letter byte, from, to time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for n < len(c.names) && c.names[n] != lane {
		n++
	}
	if n == len(c.names) {
		c.names = append(c.names, lane)
	}
	c.spans = append(c.spans, span{n, letter, from, to})
}

// Draw writes the chart with width columns of time. Every span has one column at least; where two meet in a column, the
// later one shows.
func (c *Chart) Draw(w io.Writer, width int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	total, margin := time.Duration(1), 0
	for _, s := range c.spans {
		total = max(total, s.to)
	}
	rows := make([][]byte, len(c.names))
	for i, name := range c.names {
		rows[i] = bytes.Repeat([]byte{' '}, width)
		margin = max(margin, utf8.RuneCountInString(name))
	}
	column := func(t time.Duration) int { return int(int64(t) * int64(width) / int64(total)) }
	for _, s := range c.spans {
		first := min(column(s.from), width-1)
		for i := first; i < min(max(column(s.to), first+1), width); i++ {
			rows[s.lane][i] = s.letter
		}
	}
	var out bytes.Buffer
	for i, name := range c.names {
		fmt.Fprintf(&out, "%-*s |%s|\n", margin, name, rows[i])
	}
	fmt.Fprintf(&out, "%*s 0%*s\n", margin, "", width, total.Round(time.Millisecond))
	_, err := w.Write(out.Bytes())
	return err
}
