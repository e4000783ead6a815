package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/units"
)

// Threshold is a condition on one number of a summary, such as "pages>=5000" or "response.p99<200ms". The zero value
// holds no condition.
type Threshold struct {
	// Metric is a name in the summary, with dots between levels.
	Metric string
	// Op is one of < <= > >= == !=.
	Op string
	// Value is what the metric is compared with. Durations are milliseconds, and seconds if a part of the metric's name
	// ends in _s; percentages are fractions, sizes bytes, rates per second.
	Value float64

	text string
}

const wantThreshold = `want a metric, a comparison (< <= > >= == !=) and a value, such as "pages>=5000" or "response.p99<200ms"`

// ParseThreshold reads a threshold.
func ParseThreshold(text string) (Threshold, error) {
	fail := func() (Threshold, error) {
		return Threshold{}, fmt.Errorf("threshold %q: %s", units.Escape(text), wantThreshold)
	}
	at := strings.IndexAny(text, "<>=!")
	if at < 0 {
		return fail()
	}
	end := at + 1
	if end < len(text) && text[end] == '=' {
		end++
	}
	t := Threshold{Metric: strings.TrimSpace(text[:at]), Op: text[at:end], text: text}
	if t.Metric == "" || strings.Trim(t.Metric, "abcdefghijklmnopqrstuvwxyz0123456789_.-") != "" || t.Op == "=" || t.Op == "!" {
		return fail()
	}
	var err error
	if t.Value, err = ParseValue(t.Metric, text[end:]); err != nil {
		return Threshold{}, fmt.Errorf("threshold %q: %w", units.Escape(text), err)
	}
	return t, nil
}

// ParseThresholds reads several thresholds and reports all that are wrong.
func ParseThresholds(texts []string) ([]Threshold, error) {
	list, errs := make([]Threshold, 0, len(texts)), []error(nil)
	for _, text := range texts {
		t, err := ParseThreshold(text)
		list, errs = append(list, t), append(errs, err)
	}
	return list, errors.Join(errs...)
}

// ParseValue reads the value that a metric is compared with: a number, a duration, a percentage, a size or a rate.
func ParseValue(metric, text string) (float64, error) {
	text = strings.TrimSpace(text)
	number, isPercent := strings.CutSuffix(text, "%")
	if strings.Trim(text, "+-.0123456789%") == "" {
		if v, err := strconv.ParseFloat(strings.TrimSpace(number), 64); err == nil {
			if isPercent {
				v /= 100
			}
			return v, nil
		}
	}
	if d, err := units.ParseDuration(text); err == nil {
		if inSeconds(metric) {
			return d.D().Seconds(), nil
		}
		return float64(d) / 1e6, nil
	}
	if s, err := units.ParseSize(text); err == nil {
		return float64(s), nil
	}
	if r, err := units.ParseRate(text); err == nil {
		return r.PerSecond(), nil
	}
	return 0, fmt.Errorf("value %q: want a number, a duration (200ms), a percentage (1%%), a size (64MiB) or a rate (50/s)", units.Escape(text))
}

// inSeconds reports whether a metric counts seconds by its name, like duration_s or waited_s.limiter.
func inSeconds(metric string) bool {
	for part := range strings.SplitSeq(metric, ".") {
		if strings.HasSuffix(part, "_s") && !strings.HasSuffix(part, "_per_s") {
			return true
		}
	}
	return false
}

// Result is a threshold after the run.
type Result struct {
	Expr  string  `json:"expr"`
	Value float64 `json:"value"`
	OK    bool    `json:"ok"`
	// Reason says why a condition failed that the value alone would meet.
	Reason string `json:"reason,omitempty"`
}

// Eval compares the metric that lookup finds. An unknown metric is an error, never a pass.
func (t Threshold) Eval(lookup func(metric string) (float64, bool)) (Result, error) {
	v, known := lookup(t.Metric)
	if !known {
		return Result{}, fmt.Errorf("threshold %q: the summary has no number %q", t, t.Metric)
	}
	r := Result{Expr: t.String(), Value: v}
	switch t.Op {
	case "<":
		r.OK = v < t.Value
	case "<=":
		r.OK = v <= t.Value
	case ">":
		r.OK = v > t.Value
	case ">=":
		r.OK = v >= t.Value
	case "==":
		r.OK = v == t.Value
	case "!=":
		r.OK = v != t.Value
	}
	return r, nil
}

// String returns the text that the threshold was read from.
func (t Threshold) String() string { return t.text }

// Equal reports whether both thresholds have the same text.
func (t Threshold) Equal(u Threshold) bool { return t.text == u.text }

// Set parses text into t; it makes *Threshold a command line value.
func (t *Threshold) Set(text string) error {
	v, err := ParseThreshold(text)
	if err == nil {
		*t = v
	}
	return err
}

// Type names the kind of value in the help of a command.
func (t Threshold) Type() string { return "COND" }

// MarshalText returns String.
func (t Threshold) MarshalText() ([]byte, error) { return []byte(t.text), nil }

// UnmarshalText is Set.
func (t *Threshold) UnmarshalText(text []byte) error { return t.Set(string(text)) }

// Metrics makes the numbers of a summary, as its JSON names them, available to Eval: "pages", "status.404",
// "response_ms.p99". A level may be named without its unit ("response.p99"), and p99.9 means p99_9. In the levels named
// as counters ("status", "errors") a name that is missing counts as 0: nothing of the kind happened.
func Metrics(summary any, counters ...string) (func(metric string) (float64, bool), error) {
	b, err := json.Marshal(summary)
	if err != nil {
		return nil, fmt.Errorf("encode summary: %w", err)
	}
	var root map[string]any
	if err := json.Unmarshal(b, &root); err != nil {
		return nil, fmt.Errorf("read summary: %w", err)
	}
	return func(metric string) (float64, bool) {
		if v, ok := find(root, strings.ReplaceAll(metric, "99.9", "99_9")); ok {
			return v, true
		}
		level, name, _ := strings.Cut(metric, ".")
		return 0, name != "" && slices.Contains(counters, level)
	}, nil
}

func find(level map[string]any, metric string) (float64, bool) {
	name, rest, deeper := strings.Cut(metric, ".")
	for _, key := range []string{name, name + "_ms", name + "_s", name + "_bytes"} {
		switch v := level[key].(type) {
		case float64:
			if !deeper {
				return v, true
			}
		case map[string]any:
			if deeper {
				return find(v, rest)
			}
		}
	}
	return 0, false
}
