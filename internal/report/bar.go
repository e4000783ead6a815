package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"tandem/internal/units"
)

// art draws the bar itself. Its maximum grows with what is known.
type art struct {
	bar *progressbar.ProgressBar
}

const artWidth = 12

func newArt() *art {
	return &art{bar: progressbar.NewOptions64(1,
		progressbar.OptionSetWriter(io.Discard), progressbar.OptionSetWidth(artWidth), progressbar.OptionSetPredictTime(false),
		progressbar.OptionSetElapsedTime(false), progressbar.OptionSetSpinnerChangeInterval(0),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "▕", BarEnd: "▏"}))}
}

// draw returns the percentage and the bar: " 36% ▕████░░░░░░░░▏".
func (a *art) draw(done, known int64) string {
	if done >= known { // the library takes a full bar for the end; here more may become known
		return "100% ▕" + strings.Repeat("█", artWidth) + "▏"
	}
	a.bar.ChangeMax64(known)
	_ = a.bar.Set64(done) // the writer discards
	_ = a.bar.RenderBlank()
	return fmt.Sprintf("%*s", len("100% ▕")-len("▕")+artWidth+2, strings.Trim(a.bar.String(), "\r\n "))
}

// line prints a bar's numbers: with the drawn bar on a terminal, with the elapsed time elsewhere. The caller holds mu.
func (b *Bar) line(now time.Time, drawn bool) string {
	var s strings.Builder
	if b.name != "" {
		s.WriteString(b.name + " ")
		if drawn {
			s.WriteString(strings.Repeat(" ", max(0, b.p.nameWidth-cellWidth(b.name))))
		}
	}
	if drawn && b.known > 0 {
		fmt.Fprintf(&s, "%s ", b.art.draw(b.done, b.known))
	}
	if !drawn {
		fmt.Fprintf(&s, "%s: ", units.FormatDuration(now.Sub(b.p.started).Round(100*time.Millisecond)))
	}
	s.WriteString(units.FormatCount(b.done))
	if b.known > 0 {
		s.WriteString("/" + units.FormatCount(b.known))
	}
	if b.unit != "" {
		s.WriteString(" " + b.unit)
	}
	if !drawn && b.known > 0 {
		fmt.Fprintf(&s, " (%d %%)", min(100, 100*b.done/b.known))
	}
	if rate, ok := b.speed.rate(); ok {
		s.WriteString(", " + rateText(rate))
	}
	if b.detail != "" {
		s.WriteString(", " + units.Escape(b.detail))
	}
	return s.String()
}

func rateText(perSecond float64) string {
	switch {
	case perSecond >= 10 || perSecond == 0:
		return fmt.Sprintf("%s/s", units.FormatCount(int64(perSecond+0.5)))
	case perSecond >= 1:
		return fmt.Sprintf("%.1f/s", perSecond)
	}
	return fmt.Sprintf("%.1f/min", perSecond*60)
}

// speed measures the rate over the last few seconds, and over everything at the end.
type speed struct {
	samples []sample // at most window, at least every apart
	first   sample
	last    sample
	started bool
	ended   bool
}

type sample struct {
	at   time.Time
	done int64
}

const (
	window = 10
	apart  = 500 * time.Millisecond
)

func (s *speed) add(at time.Time, done int64) {
	if s.started && done < s.last.done { // a new count has begun
		*s = speed{ended: s.ended}
	}
	s.last = sample{at, done}
	if !s.started {
		s.started, s.first = true, s.last
	}
	if n := len(s.samples); n > 0 && at.Sub(s.samples[n-1].at) < apart {
		return
	}
	if len(s.samples) == window {
		s.samples = append(s.samples[:0], s.samples[1:]...)
	}
	s.samples = append(s.samples, s.last)
}

func (s *speed) end() { s.ended = true }

// rate is per second; ok is false while there is too little to tell.
func (s *speed) rate() (perSecond float64, ok bool) {
	if !s.started {
		return 0, false
	}
	from := s.samples[0]
	if s.ended {
		from = s.first
	}
	span := s.last.at.Sub(from.at)
	if span < apart {
		return 0, false
	}
	return float64(s.last.done-from.done) / span.Seconds(), true
}
