package units_test

import (
	"testing"

	"tandem/internal/units"
)

func TestPercent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]units.Percent{"0": 0, "5%": 0.05, " 0.5 % ": 0.005, "100%": 1} {
		got, err := units.ParsePercent(text)
		if err != nil || got != want || got.Fraction() != float64(want) {
			t.Errorf("ParsePercent(%q) = %v, %v; want %v", text, got, err, float64(want))
		}
		if again, err := units.ParsePercent(got.String()); err != nil || again != got {
			t.Errorf("ParsePercent(%q) = %v, %v; want %v", got.String(), again, err, float64(got))
		}
	}
	for _, text := range []string{"", "5", "%", "-1%", "101%", "NaN%", "5%%", "five%"} {
		if got, err := units.ParsePercent(text); err == nil {
			t.Errorf("ParsePercent(%q) = %v, want an error", text, got)
		}
	}
}
