package units_test

import (
	"testing"
	"unicode"
	"unicode/utf8"

	"tandem/internal/units"
)

// Whatever a unit accepts is not negative and survives being printed and read again.
func FuzzUnits(f *testing.F) {
	for _, text := range []string{"0", "64MiB", "1.5GB", "200/s", "10/h", "1d12h", "1h30m", "-1", "1e9", "9223372036854775807"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if v, err := units.ParseSize(text); err == nil {
			if again, err := units.ParseSize(v.String()); err != nil || again != v || v < 0 {
				t.Errorf("size %q: %d prints as %q, which reads %d, %v", text, v, v, again, err)
			}
		}
		if v, err := units.ParseRate(text); err == nil {
			if again, err := units.ParseRate(v.String()); err != nil || again != v || v < 0 {
				t.Errorf("rate %q: %g prints as %q, which reads %g, %v", text, v.PerSecond(), v, again.PerSecond(), err)
			}
		}
		if v, err := units.ParseDuration(text); err == nil {
			if again, err := units.ParseDuration(v.String()); err != nil || again != v || v < 0 {
				t.Errorf("duration %q: %d prints as %q, which reads %d, %v", text, v, v, again, err)
			}
		}
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("a\x1b[2J\u202e\xff")
	f.Fuzz(func(t *testing.T, text string) {
		got := units.Escape(text)
		if !utf8.ValidString(got) || units.Escape(got) != got {
			t.Errorf("Escape(%q) = %q is not clean", text, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) {
				t.Errorf("Escape(%q) = %q keeps the control character %U", text, got, r)
			}
		}
	})
}
