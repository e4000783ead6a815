package units_test

import (
	"encoding"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/units"
)

type value interface {
	encoding.TextMarshaler
	encoding.TextUnmarshaler
	Set(string) error
	String() string
	Type() string
}

var (
	_ value = (*units.Size)(nil)
	_ value = (*units.Rate)(nil)
	_ value = (*units.Duration)(nil)
	_ value = (*units.Pattern)(nil)
	_ value = (*units.Percent)(nil)
)

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]units.Size{
		"0": 0, "1024": units.KiB, "64MiB": 64 * units.MiB, "32 MiB": 32 * units.MiB, "1GB": 1e9, " 7b ": 7,
		"1.5kb": 1500, "0.5KiB": 512, "2tib": 2 * units.TiB, "9223372036854775807": math.MaxInt64,
	} {
		got, err := units.ParseSize(text)
		if err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", text, got, err, want)
		}
		again, err := units.ParseSize(got.String())
		if err != nil || again != got {
			t.Errorf("ParseSize(%q) = %d, %v; want %d", got.String(), again, err, got)
		}
	}
	for _, text := range []string{
		"", " ", "-1", "5k", "MiB", "1.2.3", ".5MB", "1e9", "0x10", "10 apples", "9223372036854775808", "9999999TiB", "1.MB", "NaN", "+5",
	} {
		if got, err := units.ParseSize(text); err == nil {
			t.Errorf("ParseSize(%q) = %d, want an error", text, got)
		}
	}
	for size, want := range map[units.Size]string{0: "0", 1234: "1234B", 64 * units.MiB: "64MiB", units.TiB: "1TiB", 1536: "1536B"} {
		if got := size.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]units.Rate{
		"200/s": 200, "30/m": 0.5, "1.5/s": 1.5, "3600/h": 1, "5": 5, "0": 0, " 2 / s ": 2, "86400/d": 1, "0/s": 0,
	} {
		got, err := units.ParseRate(text)
		if err != nil || got != want {
			t.Errorf("ParseRate(%q) = %v, %v; want %v", text, got, err, want)
		}
		again, err := units.ParseRate(got.String())
		if err != nil || again != got {
			t.Errorf("ParseRate(%q) = %v, %v; want %v", got.String(), again, err, got)
		}
	}
	for _, text := range []string{"", "-1/s", "1/x", "/s", "1/", "1s", "NaN", "inf", "1e3/s", "1 2/s", "1//s"} {
		if got, err := units.ParseRate(text); err == nil {
			t.Errorf("ParseRate(%q) = %v, want an error", text, got)
		}
	}
	for rate, want := range map[units.Rate]string{0: "0", 200: "200/s", 0.5: "30/m", 1.5: "1.5/s", 0.7: "42/m", 10.0 / 3600: "10/h", math.Pi: "3.141592653589793/s"} {
		if got := rate.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"30s": 30 * time.Second, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "1d": 24 * time.Hour, "0": 0,
		"1d12h": 36 * time.Hour, "1.5d": 36 * time.Hour, "250ms": 250 * time.Millisecond, " 2s ": 2 * time.Second, "1h5s": time.Hour + 5*time.Second,
	} {
		got, err := units.ParseDuration(text)
		if err != nil || got.D() != want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", text, got, err, want)
		}
		again, err := units.ParseDuration(got.String())
		if err != nil || again != got {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", got.String(), again, err, got)
		}
	}
	for _, text := range []string{"", "30", "-5s", "+5s", "1x", "d", "1dd", "1d-5s", "200000d", "106751d48h", "9999999h"} {
		if got, err := units.ParseDuration(text); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", text, got)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0", time.Hour: "1h", 90 * time.Minute: "1h30m", 36 * time.Hour: "1d12h", 7 * 24 * time.Hour: "7d",
		time.Minute: "1m", 10 * time.Second: "10s", time.Hour + 5*time.Second: "1h0m5s",
	} {
		if got := units.Duration(d).String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	var p units.Pattern
	if p.MatchString("") || !p.IsZero() {
		t.Error("the zero Pattern matches or is not zero")
	}
	if err := p.Set(`^/docs/`); err != nil {
		t.Fatal(err)
	}
	if !p.MatchString("/docs/a") || p.MatchString("/a/docs/") || p.String() != "^/docs/" {
		t.Errorf("pattern %q matches wrongly", p)
	}
	for _, text := range []string{"", "(", "(?=a)", `(a)\1`, strings.Repeat("a", 9000)} {
		if err := p.Set(text); err == nil {
			t.Errorf("Set(%.20q) succeeds, want an error", text)
		}
	}
	if p.String() != "^/docs/" {
		t.Errorf("a refused text changed the pattern to %q", p)
	}
}

func TestErrorsSayWhatIsWanted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    value
		text string
		want []string
	}{
		{new(units.Size), "5k", []string{`"5k"`, "64MiB"}},
		{new(units.Rate), "-1/s", []string{"negative", `"-1/s"`, "200/s"}},
		{new(units.Duration), "30", []string{`"30"`, "1h30m"}},
		{new(units.Duration), "-30s", []string{"negative"}},
		{new(units.Pattern), "a(", []string{`"a("`, "RE2", "missing closing"}},
	} {
		err := c.v.Set(c.text)
		if err == nil {
			t.Fatalf("Set(%q) succeeds", c.text)
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error %q does not contain %q", err, part)
			}
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	first, _ := units.ParsePattern("default")
	patterns := []units.Pattern{first}
	list := units.NewList(&patterns)
	for _, text := range []string{"a{1,2}", "b"} {
		if err := list.Set(text); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"a{1,2}", "b"}, list.GetSlice()); diff != "" {
		t.Errorf("list after two flags (-want +got):\n%s", diff)
	}
	if err := list.Replace([]string{"c", "("}); err == nil {
		t.Error("Replace accepts a wrong pattern")
	}
	if got := list.String(); got != "a{1,2} b" {
		t.Errorf("a refused Replace changed the list to %q", got)
	}
}

func TestFormatRate(t *testing.T) {
	t.Parallel()
	for rate, want := range map[float64]string{0: "0/s", 0.5: "0.5/s", 33.333: "33.3/s", 99.96: "100/s", 100.4: "100/s", 12345.6: "12,346/s"} {
		if got := units.FormatRate(rate); got != want {
			t.Errorf("FormatRate(%v) = %q, want %q", rate, got, want)
		}
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 12345: "12,345", -123456: "-123,456", 1234567: "1,234,567", math.MinInt64: "-9,223,372,036,854,775,808"} {
		if got := units.FormatCount(n); got != want {
			t.Errorf("FormatCount(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1258291: "1.2 MiB", 1<<20 - 1: "1.0 MiB", math.MaxInt64: "8.0 EiB", -2048: "-2.0 KiB"} {
		if got := units.FormatSize(n); got != want {
			t.Errorf("FormatSize(%d) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 s", 840 * time.Microsecond: "840 µs", 840 * time.Millisecond: "840 ms", 999600 * time.Microsecond: "1.0 s", 12340 * time.Millisecond: "12.3 s",
		59960 * time.Millisecond: "1m 00s", 63 * time.Second: "1m 03s", 125 * time.Minute: "2h 05m", 76 * time.Hour: "3d 04h", -time.Second: "-1.0 s",
		3599900 * time.Millisecond: "1h 00m",
	} {
		if got := units.FormatDuration(d); got != want {
			t.Errorf("FormatDuration(%d) = %q, want %q", d, got, want)
		}
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                   "",
		"plain ä 日本 \\ %":    "plain ä 日本 \\ %",
		"a\x1b[2Jb":          `a\x1b[2Jb`,
		"line\nbreak\ttab\r": `line\nbreak\ttab\r`,
		"\u202egnp.exe":      `\u202egnp.exe`,
		"\u2066\u2069\u200f": `\u2066\u2069\u200f`,
		"\x9b1m\xff":         `\x9b1m\xff`,
		"\u009b":             `\x9b`,
		"del\x7f nul\x00":    `del\x7f nul\x00`,
		"a\u2028b":           `a\u2028b`,
		"👩\u200d👧":           "👩\u200d👧",
		"\U000e0041":         `\U000e0041`,
	} {
		if got := units.Escape(in); got != want {
			t.Errorf("Escape(%q) = %q, want %q", in, got, want)
		}
	}
}
