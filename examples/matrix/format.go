package main

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// seconds writes a time in three digits and a unit.
func seconds(s float64) string {
	switch {
	case s <= 0 || math.IsNaN(s) || math.IsInf(s, 0):
		return "–"
	case s < 0.9995e-3:
		return digits(s*1e6) + " µs"
	case s < 0.9995:
		return digits(s*1e3) + " ms"
	}
	return digits(s) + " s"
}

// duration writes a time in three digits and a unit.
func duration(d time.Duration) string { return seconds(d.Seconds()) }

// plain writes a time that somebody chose.
func plain(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%g s", d.Seconds())
}

// digits writes a number in three digits, or in more where it has more before the point.
func digits(v float64) string {
	switch {
	case v < 9.995:
		return fmt.Sprintf("%.2f", v)
	case v < 99.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// extent writes the least and the most of a spread of seconds, with one unit where one will do.
func extent(s spread) string {
	low, high := seconds(s.Min), seconds(s.Max)
	if number, unit, ok := strings.Cut(low, " "); ok && strings.HasSuffix(high, " "+unit) {
		low = number
	}
	return low + "–" + high
}

// times writes a speed-up.
func times(v float64) string {
	if v <= 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	if v < 0.095 {
		return fmt.Sprintf("×%.3f", v)
	}
	if v < 9.95 {
		return fmt.Sprintf("×%.2f", v)
	}
	return fmt.Sprintf("×%.1f", v)
}

// fold writes a speed-up in words.
func fold(v float64) string { return strings.TrimPrefix(times(v), "×") + " times" }

// cpu writes processor time, which is known in steps of 10 ms for workers: what is less than one says so.
func cpu(d time.Duration) string {
	if d < time.Millisecond {
		return "< 1 ms"
	}
	return duration(d)
}

// megabytes writes a size in memory.
func megabytes(bytes int64) string { return fmt.Sprintf("%d MiB", (bytes+1<<19)>>20) }

// cores writes how many cores were busy on average.
func cores(c cell) string {
	if c.Time.Median <= 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", c.CPU.Seconds()/c.Time.Median)
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "s") {
		noun += "e"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
