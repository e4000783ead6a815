package target

import (
	"encoding/json"
	"strconv"
)

// lookup finds the value at a path of keys and list positions in a JSON text: the text of a string, the JSON of anything else. found
// is false if there is none, or if b is no JSON as far as it was looked at.
func lookup(b []byte, path []string) (value []byte, found bool) {
	at := json.RawMessage(b)
	for _, key := range path {
		if at, found = child(at, key); !found {
			return nil, false
		}
	}
	var s string
	if err := json.Unmarshal(at, &s); err == nil && string(at) != "null" {
		return []byte(s), true
	}
	return at, json.Valid(at)
}

func child(b json.RawMessage, key string) (json.RawMessage, bool) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(b, &object); err == nil {
		v, ok := object[key]
		return v, ok
	}
	var list []json.RawMessage
	i, err := strconv.Atoi(key)
	if err != nil || json.Unmarshal(b, &list) != nil || i < 0 || i >= len(list) {
		return nil, false
	}
	return list[i], true
}
