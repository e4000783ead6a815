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
	d := describer{open: map[reflect.Type]bool{}}
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
		properties = append(properties, member{s.Name, d.value(v.Type(), v, "", checks{})})
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
	schema := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "Tandem job file"},
		{"type", "object"},
		{"additionalProperties", false},
		{"properties", properties},
	}
	if len(d.defs) > 0 {
		schema = append(schema, member{"$defs", d.defs})
	}
	return enc.Encode(schema)
}

// describer builds schemas. A struct that holds itself stands in defs once, and everywhere else refers to it.
type describer struct {
	open map[reflect.Type]bool // structs being described; true for those that were met again within themselves
	defs object
}

// value builds the schema of one value; v holds its default and may be invalid.
func (d *describer) value(t reflect.Type, v reflect.Value, doc string, c checks) object {
	if t.Kind() == reflect.Pointer {
		if v.IsValid() {
			v = v.Elem()
		}
		return d.value(t.Elem(), v, doc, c)
	}
	var o object
	if doc != "" {
		o = append(o, member{"description", doc})
	}
	switch {
	case isText(t):
		o = append(o, member{"type", []string{"string", "number"}})
	case t.Kind() == reflect.Struct:
		return append(o, d.structure(t, v)...)
	case t.Kind() == reflect.Slice:
		return append(o, member{"type", "array"}, member{"items", d.value(t.Elem(), reflect.Value{}, "", c)})
	case t.Kind() == reflect.Map:
		return append(o, member{"type", "object"}, member{"additionalProperties", d.value(t.Elem(), reflect.Value{}, "", c)})
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

func (d *describer) structure(t reflect.Type, v reflect.Value) object {
	name := t.String()
	ref := object{{"$ref", "#/$defs/" + name}}
	if d.defined(name) {
		return ref
	}
	if _, within := d.open[t]; within {
		d.open[t] = true
		return ref
	}
	d.open[t] = false
	list, _ := fields(t) // supported has seen the error
	properties := object{}
	for _, f := range list {
		var value reflect.Value
		if v.IsValid() {
			value = v.FieldByIndex(f.index)
		}
		properties = append(properties, member{f.name, d.value(f.typ, value, f.doc, f.checks)})
	}
	o := object{{"type", []string{"object", "null"}}, {"additionalProperties", false}, {"properties", properties}}
	again := d.open[t]
	delete(d.open, t)
	if again {
		d.defs = append(d.defs, member{name, o})
		return ref
	}
	return o
}

func (d *describer) defined(name string) bool {
	return slices.ContainsFunc(d.defs, func(m member) bool { return m.key == name })
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
