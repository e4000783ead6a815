package configs

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
)

// object is a JSON object that keeps the order of its keys.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON prints the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Schema prints a JSON Schema (draft 2020-12) of a job file with these sections, for editors: types, limits,
// descriptions from doc tags, and the values given as defaults. Known sections that are not given may hold anything.
func Schema(w io.Writer, sections []NamedSection) error {
	properties := object{}
	var given []string
	for _, s := range sections {
		v := reflect.Indirect(reflect.ValueOf(s.Value))
		if !v.IsValid() {
			return fmt.Errorf("describe section %q: no value is given", s.Name)
		}
		if err := supported(v.Type(), s.Name); err != nil {
			return fmt.Errorf("describe section %q: %w", s.Name, err)
		}
		properties = append(properties, member{s.Name, describeType(v.Type(), v, "", checks{})})
		given = append(given, s.Name)
	}
	for _, name := range knownSections() {
		if !slices.Contains(given, name) {
			properties = append(properties, member{name, object{}})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "Tandem job file"},
		{"type", "object"},
		{"additionalProperties", false},
		{"properties", properties},
	})
}

// describeType builds the schema of one value; v holds its default and may be invalid.
func describeType(t reflect.Type, v reflect.Value, doc string, c checks) object {
	if t.Kind() == reflect.Pointer {
		if v.IsValid() {
			v = v.Elem()
		}
		return describeType(t.Elem(), v, doc, c)
	}
	var o object
	if doc != "" {
		o = append(o, member{"description", doc})
	}
	switch {
	case isText(t):
		o = append(o, member{"type", []string{"string", "number"}})
	case t.Kind() == reflect.Struct:
		return append(o, describeStruct(t, v)...)
	case t.Kind() == reflect.Slice:
		return append(o, member{"type", "array"}, member{"items", describeType(t.Elem(), reflect.Value{}, "", c)})
	case t.Kind() == reflect.Map:
		return append(o, member{"type", "object"}, member{"additionalProperties", describeType(t.Elem(), reflect.Value{}, "", c)})
	case t.Kind() == reflect.String:
		o = append(o, member{"type", "string"})
	case t.Kind() == reflect.Bool:
		o = append(o, member{"type", "boolean"})
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		o = append(o, member{"type", "number"})
	default:
		o = append(o, member{"type", "integer"})
	}
	return append(append(o, limits(t, c)...), defaultOf(v)...)
}

func describeStruct(t reflect.Type, v reflect.Value) object {
	list, _ := fields(t) // supported has seen the error
	properties := object{}
	for _, f := range list {
		var value reflect.Value
		if v.IsValid() {
			value = v.FieldByIndex(f.index)
		}
		properties = append(properties, member{f.name, describeType(f.typ, value, f.doc, f.checks)})
	}
	return object{{"type", []string{"object", "null"}}, {"additionalProperties", false}, {"properties", properties}}
}

func limits(t reflect.Type, c checks) (o object) {
	if len(c.oneOf) > 0 {
		o = append(o, member{"enum", c.oneOf})
	}
	if c.nonEmpty {
		o = append(o, member{"minLength", 1})
	}
	if isText(t) {
		return o // bounds of quantities have no notation in JSON Schema
	}
	if c.min != nil {
		o = append(o, member{"minimum", c.min.value})
	}
	if c.max != nil {
		o = append(o, member{"maximum", c.max.value})
	}
	return o
}

func defaultOf(v reflect.Value) object {
	if !v.IsValid() {
		return nil
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		if err != nil || len(text) == 0 {
			return nil
		}
		return object{{"default", string(text)}}
	}
	if v.Kind() == reflect.String && v.String() == "" {
		return nil
	}
	return object{{"default", v.Interface()}}
}
