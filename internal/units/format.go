package units

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// FormatCount prints a whole number with its thousands set apart: "12,345".
func FormatCount(n int64) string {
	text := strconv.FormatInt(n, 10)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(text) - 3; i > start; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// FormatRate prints a measured number of events per second for people: whole from 100 on, else with three digits. ParseRate need not
// read it back to the same value, and to it 0 is no event and not no limit.
func FormatRate(perSecond float64) string {
	if perSecond >= 100 {
		return FormatCount(int64(math.Round(perSecond))) + "/s"
	}
	return strconv.FormatFloat(perSecond, 'g', 3, 64) + "/s"
}

// FormatSize prints a number of bytes for people, to one decimal: "0 B", "512 B", "1.2 MiB".
func FormatSize(n int64) string {
	if n > -1024 && n < 1024 {
		return strconv.FormatInt(n, 10) + " B"
	}
	v, names := float64(n)/1024, []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"}
	i := 0
	for ; i < len(names)-1 && (v >= 1023.95 || v <= -1023.95); i++ {
		v /= 1024
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " " + names[i]
}

// FormatDuration prints a length of time for people, in two figures that matter: "0 s", "840 µs", "840 ms", "12.3 s",
// "1m 03s", "2h 05m", "3d 04h".
func FormatDuration(d time.Duration) string {
	if d < 0 {
		return "-" + FormatDuration(-d)
	}
	if ms := d.Round(time.Millisecond); d == 0 {
		return "0 s"
	} else if us := d.Round(time.Microsecond); us < time.Millisecond {
		return fmt.Sprintf("%d µs", us.Microseconds())
	} else if ms < time.Second {
		return fmt.Sprintf("%d ms", ms.Milliseconds())
	}
	if tenths := d.Round(100 * time.Millisecond); tenths < time.Minute {
		return strconv.FormatFloat(tenths.Seconds(), 'f', 1, 64) + " s"
	}
	if s := d.Round(time.Second); s < time.Hour {
		return fmt.Sprintf("%dm %02ds", s/time.Minute, s%time.Minute/time.Second)
	}
	if m := d.Round(time.Minute); m < day {
		return fmt.Sprintf("%dh %02dm", m/time.Hour, m%time.Hour/time.Minute)
	}
	h := d.Round(time.Hour)
	return fmt.Sprintf("%dd %02dh", h/day, h%day/time.Hour)
}
