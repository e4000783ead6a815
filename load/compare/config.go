package compare

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Config says how two runs are compared.
type Config struct {
	// Confidence of every interval, more than 0.5 and less than 1. Defaults to 0.95.
	Confidence float64
	// Tolerance is the relative change that does not matter, 0.05 for 5 %. Defaults to that.
	Tolerance float64
	// FailedTolerance is the rise of the failed fraction that does not matter, 0.001 for 0.1 percentage points. Defaults to that.
	FailedTolerance float64
	// Resamples is how often the bootstrap draws, 100 to 100,000. Defaults to 2,000.
	Resamples int
	// Seed makes the draws: the same seed and input give the same report. Defaults to 1.
	Seed uint64
	// Gates are the metrics that decide, of Metrics. Without any they are response.p50, response.p99 and failed, and
	// requests_per_s if both loops are closed.
	Gates []string
}

// Default returns the defaults.
func Default() Config {
	return Config{Confidence: 0.95, Tolerance: 0.05, FailedTolerance: 0.001, Resamples: 2000, Seed: 1}
}

// Metrics lists the names that Config.Gates may have, in the order of a report.
func Metrics() []string {
	var names []string
	for _, m := range metrics() {
		names = append(names, m.name)
	}
	return names
}

// Validate reports everything that is wrong with c at once.
func (c *Config) Validate() error {
	var errs []error
	if !(c.Confidence > 0.5 && c.Confidence < 1) {
		errs = append(errs, fmt.Errorf("confidence %v: want more than 50 %% and less than 100 %%", c.Confidence))
	}
	if !(c.Tolerance >= 0 && c.Tolerance < 1) {
		errs = append(errs, fmt.Errorf("tolerance %v: want 0 %% to less than 100 %%", c.Tolerance))
	}
	if !(c.FailedTolerance >= 0 && c.FailedTolerance < 1) {
		errs = append(errs, fmt.Errorf("failed tolerance %v: want 0 %% to less than 100 %%", c.FailedTolerance))
	}
	if c.Resamples < 100 || c.Resamples > 100_000 {
		errs = append(errs, fmt.Errorf("resamples %d: want 100 to 100000", c.Resamples))
	}
	for _, gate := range c.Gates {
		if !slices.Contains(Metrics(), canonical(gate)) {
			errs = append(errs, fmt.Errorf("metric %q: want one of %s", gate, strings.Join(Metrics(), ", ")))
		}
	}
	return errors.Join(errs...)
}

// canonical takes the spelling of load.json's keys, too.
func canonical(name string) string { return strings.Replace(name, "p99_9", "p99.9", 1) }

// gates are the metrics that decide about a and b.
func (c *Config) gates(a, b *Run) []string {
	if len(c.Gates) > 0 {
		names := make([]string, len(c.Gates))
		for i, name := range c.Gates {
			names[i] = canonical(name)
		}
		return names
	}
	names := []string{"response.p50", "response.p99", nameFailed}
	if a.Loop == "closed" && b.Loop == "closed" {
		names = append(names, nameRate)
	}
	return names
}
