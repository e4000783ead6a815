package report

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"tandem/internal/units"
)

// ProgressConfig says where and how a run shows that it is alive.
type ProgressConfig struct {
	// Writer is where progress goes, usually os.Stderr. It is a terminal only if it is an *os.File that is one.
	Writer io.Writer
	// Name starts every line; Unit is what is counted, such as "pages". They belong to the bar of Progress.Update.
	Name, Unit string
	// Quiet shows nothing at all.
	Quiet bool
	// First is the time to the first line where there is no terminal. Defaults to 2 s.
	First time.Duration
	// Interval is the time between later lines. Defaults to 5 s.
	Interval time.Duration
	// Now is the clock. Defaults to time.Now.
	Now func() time.Time
	// Columns makes Writer count as a terminal of this width. Defaults to what the terminal says.
	Columns int
}

// redraw is the shortest time between two drawings on a terminal.
const redraw = 100 * time.Millisecond

// Progress shows how far a run is: bars on a terminal, otherwise a line per bar every few seconds. All methods are safe
// for concurrent use. It has no goroutine: what is due is drawn inside the call of Update that comes next.
type Progress struct {
	cfg   ProgressConfig
	file  *os.File // the terminal, for its width; nil when Columns was given
	first *Bar     // the bar of Update; never changes

	mu       sync.Mutex // guards the fields below and every bar
	bars     []*Bar
	started  time.Time
	due      time.Time
	drawn    int // bar lines on the terminal now
	lines    int // lines printed where there is no terminal
	finished bool

	nameWidth int // cells of the longest name
}

// Bar is one counter of a Progress.
type Bar struct {
	p          *Progress
	name, unit string

	done, known int64
	detail      string
	changed     bool
	speed       speed
	art         *art
}

// NewProgress starts the progress of a run on w, counting units, with the usual times.
func NewProgress(w io.Writer, name, unit string, quiet bool) *Progress {
	return StartProgress(ProgressConfig{Writer: w, Name: name, Unit: unit, Quiet: quiet})
}

// StartProgress starts the clock of a run. Finish ends it.
func StartProgress(cfg ProgressConfig) *Progress {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.First, cfg.Interval = cmp.Or(cfg.First, 2*time.Second), cmp.Or(cfg.Interval, 5*time.Second)
	if cfg.Writer == nil {
		cfg.Writer, cfg.Quiet = io.Discard, true
	}
	p := &Progress{cfg: cfg, started: cfg.Now()}
	if f, ok := cfg.Writer.(*os.File); ok && cfg.Columns == 0 && term.IsTerminal(int(f.Fd())) {
		p.file = f
	}
	p.due = p.started.Add(cfg.First)
	if p.terminal() {
		p.due = p.started
	}
	p.first = p.newBar(cfg.Name, cfg.Unit)
	p.bars = []*Bar{p.first}
	return p
}

func (p *Progress) newBar(name, unit string) *Bar {
	b := &Bar{p: p, name: units.Escape(name), unit: units.Escape(unit), art: newArt()}
	p.nameWidth = max(p.nameWidth, cellWidth(b.name))
	return b
}

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func (p *Progress) terminal() bool { return p.file != nil || p.cfg.Columns > 0 }

func (p *Progress) columns() int {
	if p.file != nil {
		if width, _, err := term.GetSize(int(p.file.Fd())); err == nil && width > 0 {
			return width
		}
		return 80
	}
	return p.cfg.Columns
}

// Bar adds a bar below those that are there: one per worker, for instance.
func (p *Progress) Bar(name, unit string) *Bar {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.newBar(name, unit)
	p.bars = append(p.bars, b)
	return b
}

// Update sets the counters of the first bar; see Bar.Update.
func (p *Progress) Update(done, known int64, detail string) { p.first.Update(done, known, detail) }

// Update says that done of known items are finished; known ≤ 0 means that nobody knows, and it may grow. detail is free
// text behind the numbers.
func (b *Bar) Update(done, known int64, detail string) {
	p := b.p
	if p.cfg.Quiet {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	b.done, b.known, b.detail, b.changed = done, known, detail, true
	now := p.cfg.Now()
	b.speed.add(now, done)
	if p.finished || now.Before(p.due) {
		return
	}
	p.show(now)
}

// show draws what is due. The caller holds mu.
func (p *Progress) show(now time.Time) {
	if p.terminal() {
		p.due = now.Add(redraw)
		p.draw(now)
		return
	}
	p.due = now.Add(p.cfg.Interval)
	for _, b := range p.bars {
		if b.changed {
			p.lines++
			_, _ = io.WriteString(p.cfg.Writer, b.line(now, false)+"\n")
			b.changed = false
		}
	}
}

// draw replaces the bars on the terminal. The caller holds mu.
func (p *Progress) draw(now time.Time) {
	var s strings.Builder
	s.WriteString(p.erase())
	width := p.columns() - 1
	for _, b := range p.bars {
		if b.done == 0 && !b.changed {
			continue
		}
		line, _ := cut(b.line(now, true), width)
		s.WriteString(line + "\n")
		p.drawn++
	}
	_, _ = io.WriteString(p.cfg.Writer, s.String())
}

// erase returns what moves the cursor to the first bar and clears from there on. The caller holds mu.
func (p *Progress) erase() string {
	n := p.drawn
	p.drawn = 0
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA\r\x1b[J", n)
}

// Write prints lines, such as those of a logger, above the bars. Each call must end with a line break.
func (p *Progress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	bars := p.drawn > 0
	if bars {
		_, _ = io.WriteString(p.cfg.Writer, p.erase())
	}
	n, err := p.cfg.Writer.Write(text)
	if bars && !p.finished {
		p.draw(p.cfg.Now())
	}
	return n, err
}

// Finish shows the final numbers, leaves the bars on the screen, and ends the progress; calls after the first do
// nothing.
func (p *Progress) Finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.finished || p.cfg.Quiet {
		return
	}
	p.finished = true
	for _, b := range p.bars {
		b.speed.end()
	}
	if p.terminal() || p.lines > 0 {
		p.show(p.cfg.Now())
	}
	p.drawn = 0
}
