package crawler

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// fillUp sets every field that v has to something of its own.
func fillUp(v reflect.Value, n *int64) {
	switch v.Kind() {
	case reflect.Struct:
		if t, ok := v.Addr().Interface().(*time.Time); ok {
			*t = time.Date(2026, 1, 2, 3, 4, 5, 6789, time.UTC)
			return
		}
		for i := range v.NumField() {
			fillUp(v.Field(i), n)
		}
	case reflect.Map:
		m := map[string]int64{"a": *n, "status \"quoted\" \n é": *n + 1}
		v.Set(reflect.ValueOf(m))
		*n += 2
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fillUp(v.Index(i), n)
		}
	case reflect.String:
		v.SetString("http://a.example/\x00<&>\xff" + string(rune('a'+*n)))
		*n++
	default:
		v.SetInt(*n)
		*n++
	}
}

// What is written by hand is what encoding/json would write, whatever fields there are.
func TestCountersInJSON(t *testing.T) {
	t.Parallel()
	full := counters{}
	n := int64(1)
	fillUp(reflect.ValueOf(&full).Elem(), &n)
	for name, c := range map[string]counters{"new": newCounters(time.Unix(1e9, 5)), "full": full} {
		want, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		var a, b any
		if err := json.Unmarshal(want, &a); err != nil {
			t.Fatal(err)
		}
		got := c.appendTo(nil)
		if err := json.Unmarshal(got, &b); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, got)
		}
		if a.(map[string]any)["failures"] == nil {
			a.(map[string]any)["failures"] = []any{}
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s (-encoding/json +by hand):\n%s", name, diff)
		}
		back := parseCounters(string(got))
		if back == nil || back.Fetched != c.Fetched || len(back.Failures) != len(c.Failures) {
			t.Errorf("%s: read back %+v", name, back)
		}
	}
}
