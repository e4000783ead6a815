package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// lookup finds a.b.c in a JSON object.
func lookup(text, path string) (any, error) {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("no JSON: %w", err)
	}
	rest := path
	for rest != "" {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("no %q: there is no object", path)
		}
		key, below, _ := strings.Cut(rest, ".")
		if v, ok = m[key]; !ok {
			return nil, fmt.Errorf("no %q", path)
		}
		rest = below
	}
	return v, nil
}

func number(t *testing.T, text, path string) float64 {
	t.Helper()
	v, err := lookup(text, path)
	if err != nil {
		t.Fatal(err)
	}
	n, ok := v.(float64)
	if !ok {
		t.Fatalf("%s is %v, want a number", path, v)
	}
	return n
}
