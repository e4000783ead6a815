package configs

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// field is one key that a struct takes part with.
type field struct {
	name   string
	index  []int
	typ    reflect.Type
	doc    string
	checks checks
}

// unset reports whether a value stands for a key that nobody gave: a nil pointer, or a zero value that the key's own
// checks refuse.
func (f field) unset(v reflect.Value) bool {
	if f.typ.Kind() == reflect.Pointer {
		return v.IsNil()
	}
	scalar := isText(f.typ) || f.typ.Kind() != reflect.Slice && f.typ.Kind() != reflect.Map && f.typ.Kind() != reflect.Struct
	return scalar && v.IsZero() && f.checks.problem(v) != ""
}

// fields lists the keys of a struct in their order; embedded structs without a tag are flattened.
func fields(t reflect.Type) ([]field, error) {
	var list []field
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, tagged := sf.Tag.Lookup("yaml")
		name, _, _ := strings.Cut(tag, ",")
		if sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct {
			inner, err := fields(sf.Type)
			if err != nil {
				return nil, err
			}
			for _, f := range inner {
				f.index = append([]int{i}, f.index...)
				list = append(list, f)
			}
			continue
		}
		if !tagged || name == "" || name == "-" || !sf.IsExported() {
			continue
		}
		c, err := parseChecks(sf.Tag.Get("check"), sf.Type)
		if err != nil {
			return nil, fmt.Errorf("read check tag of key %q: %w", name, err)
		}
		list = append(list, field{name: name, index: sf.Index, typ: sf.Type, doc: sf.Tag.Get("doc"), checks: c})
	}
	return list, nil
}

// isText reports whether values of the type are read from text by their own method.
func isText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// supported reports a type that no job file can fill, which is a mistake in the program and not in the file. A struct may hold
// itself within a slice, a map or behind a pointer.
func supported(t reflect.Type, path string) error { return supportedIn(t, path, nil) }

// supportedIn is supported for a type within the structs that are open.
func supportedIn(t reflect.Type, path string, open []reflect.Type) error {
	if isText(t) {
		return nil
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	case reflect.Pointer:
		return supportedIn(t.Elem(), path, open)
	case reflect.Slice:
		return supportedIn(t.Elem(), path+"[]", open)
	case reflect.Map:
		if t.Key().Kind() == reflect.String && !isText(t.Key()) {
			return supportedIn(t.Elem(), path+"{}", open)
		}
	case reflect.Struct:
		if slices.Contains(open, t) {
			return nil
		}
		open = append(open, t)
		list, err := fields(t)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, f := range list {
			if seen[f.name] {
				return fmt.Errorf("read key %s.%s: two fields of %s have this name", path, f.name, t)
			}
			seen[f.name] = true
			if err := supportedIn(f.typ, path+"."+f.name, open); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("read key %s: a job file cannot fill a %s", path, t)
}
