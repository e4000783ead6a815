package report

import "testing"

func TestEvaluate(t *testing.T) {
	t.Parallel()
	summary := map[string]any{"pages": 7, "errors": map[string]int{}}
	thresholds, err := ParseThresholds([]string{"pages>=5", "pages>9", "errors.dns<1"})
	if err != nil {
		t.Fatal(err)
	}
	failed, err := Evaluate(thresholds, summary, "errors")
	if err != nil || len(failed) != 1 || failed[0].Expr != "pages>9" {
		t.Errorf("failed %+v, %v; want pages>9 alone", failed, err)
	}
	if _, err := Evaluate(thresholds, summary); err == nil {
		t.Error("errors.dns is unknown without its counter, and passes")
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]map[string]int64{
		"none":               {"a": 0},
		"b 1,200, too big 3": {"too_big": 3, "b": 1200, "a": 0},
	} {
		if got := Counts(m); got != want {
			t.Errorf("Counts(%v) = %q, want %q", m, got, want)
		}
	}
}
