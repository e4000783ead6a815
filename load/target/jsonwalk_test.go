package target

import (
	"encoding/json"
	"reflect"
	"testing"
)

// FuzzWalkObject holds the walk against encoding/json.
func FuzzWalkObject(f *testing.F) {
	for _, s := range []string{`{}`, ` { "a" : 1 , "b":[1,{"c":"}\""}],"é\n":null }`, `{"a":{"b":{}},"c":-1.5e3}`, `{"a"`, `[1]`, `{"a":1}{}`, `{"a":"\\"}`, ``, `{"":""}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var want map[string]any
		wantErr := json.Unmarshal(line, &want)
		got := map[string]any{}
		err := walkObject(line, func(key string, offset int) (bool, error) {
			if line[offset] != '"' {
				t.Fatalf("%q: key %q is not at %d", line, key, offset)
			}
			return true, nil
		}, func(key string, value []byte, _ int) error {
			var v any
			if err := json.Unmarshal(value, &v); err != nil {
				t.Fatalf("%q: the value of %q is %q", line, key, value)
			}
			got[key] = v
			return nil
		})
		if err == nil && (wantErr != nil || !reflect.DeepEqual(want, got)) {
			t.Fatalf("%q: %v, want %v, %v", line, got, want, wantErr)
		}
		if err != nil {
			o, ok := err.(*offsetError)
			if !ok || o.offset < 0 || o.offset > len(line) {
				t.Fatalf("%q: %#v", line, err)
			}
			if wantErr == nil && want != nil && o.Error()[:3] != "key" { // only doubled keys are refused beyond encoding/json
				t.Fatalf("%q: %v", line, err)
			}
		}
	})
}
