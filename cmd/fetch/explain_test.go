package main

import (
	"encoding/json"
	"strings"
	"testing"

	"tandem/crawler"
	"tandem/internal/units"
)

// TestExplainJSONIsHarmless holds that a terminal may show the line, and that a program reads what was given.
func TestExplainJSONIsHarmless(t *testing.T) {
	t.Parallel()
	raw := "http://a.test/<&>ü€😀\x1b[31m\x7f\u0085\u200b\u202e\u2028\U000e0001"
	var b strings.Builder
	if err := explainJSON(&b, &crawler.Explanation{URL: raw}); err != nil {
		t.Fatal(err)
	}
	line, found := strings.CutSuffix(b.String(), "\n")
	if !found || units.Escape(line) != line || !strings.Contains(line, "<&>ü€😀") {
		t.Errorf("%q", b.String())
	}
	var x crawler.Explanation
	if err := json.Unmarshal([]byte(line), &x); err != nil || x.URL != raw {
		t.Errorf("%q, %v", x.URL, err)
	}
}
