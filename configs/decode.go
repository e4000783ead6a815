package configs

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// decoder walks a syntax tree beside the Go values that it fills, and collects what is wrong.
type decoder struct {
	Positions
	problems Error
}

func (d *decoder) add(n ast.Node, path, format string, args ...any) {
	line, column := position(n)
	d.problems = append(d.problems, Problem{File: d.file, Line: line, Column: column, Path: path, Msg: fmt.Sprintf(format, args...)})
}

// value fills v from node.
func (d *decoder) value(n ast.Node, path string, v reflect.Value, c checks) {
	if d.refused(n, path) {
		return
	}
	line, column := position(n)
	d.at[path] = [2]int{line, column}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(n, path, v.Elem(), c)
		return
	}
	switch {
	case isText(v.Type()):
		d.scalar(n, path, v, c)
	case v.Kind() == reflect.Struct:
		d.structure(n, path, v)
	case v.Kind() == reflect.Slice:
		d.slice(n, path, v, c)
	case v.Kind() == reflect.Map:
		d.table(n, path, v, c)
	default:
		d.scalar(n, path, v, c)
	}
}

// refused reports the parts of YAML that job files do not use.
func (d *decoder) refused(n ast.Node, path string) bool {
	switch n := n.(type) {
	case *ast.AnchorNode:
		d.add(n, path, `anchors are not used in job files; write the value out, or quote a text that starts with "&"`)
	case *ast.AliasNode:
		d.add(n, path, `aliases are not used in job files; write the value out, or quote a text that starts with "*"`)
	case *ast.TagNode:
		d.add(n, path, `tags are not used in job files; quote a text that starts with "!"`)
	default:
		return false
	}
	return true
}

// mapping calls each for every key of a mapping, once; duplicates and keys that are no text are reported.
func (d *decoder) mapping(n ast.Node, path string, each func(key string, keyNode, value ast.Node)) {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		if !d.refused(n, path) {
			d.add(n, path, "want a mapping (key: value), have %s", describe(n))
		}
		return
	}
	first := map[string]int{}
	for _, kv := range values {
		key, ok := keyText(kv.Key)
		if !ok {
			d.add(kv.Key, path, "want a plain word as key")
			continue
		}
		line, _ := position(kv.Key)
		if before, twice := first[key]; twice {
			d.add(kv.Key, join(path, key), "the key stands here for the second time; the first is in line %d", before)
			continue
		}
		first[key] = line
		each(key, kv.Key, kv.Value)
	}
}

func keyText(n ast.MapKeyNode) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// structure fills a struct. A section without a value (all of it commented out) is left at its defaults.
func (d *decoder) structure(n ast.Node, path string, v reflect.Value) {
	if _, empty := n.(*ast.NullNode); empty {
		return
	}
	list, err := fields(v.Type())
	if err != nil {
		d.add(n, path, "%v", err)
		return
	}
	names := make([]string, len(list))
	byName := make(map[string]field, len(list))
	for i, f := range list {
		names[i], byName[f.name] = f.name, f
	}
	d.mapping(n, path, func(key string, keyNode, value ast.Node) {
		f, known := byName[key]
		if !known {
			d.add(keyNode, join(path, key), "unknown key%s", suggestion(key, names))
			return
		}
		d.value(value, join(path, key), v.FieldByIndex(f.index), f.checks)
	})
}

// slice replaces a slice; an empty list makes it nil.
func (d *decoder) slice(n ast.Node, path string, v reflect.Value, c checks) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.add(n, path, `want a list ("[a, b]", or one "- a" a line), have %s`, describe(n))
		return
	}
	list := reflect.Zero(v.Type())
	if len(seq.Values) > 0 {
		list = reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	}
	for i, element := range seq.Values {
		d.value(element, path+"["+strconv.Itoa(i)+"]", list.Index(i), c)
	}
	v.Set(list)
}

// table replaces a map.
func (d *decoder) table(n ast.Node, path string, v reflect.Value, c checks) {
	m := reflect.MakeMap(v.Type())
	d.mapping(n, path, func(key string, _, value ast.Node) {
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(value, join(path, key), element, c)
		m.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), element)
	})
	v.Set(m)
}

// describe names what stands in the file, for messages.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	default:
		text := n.GetToken().Value
		if s, ok := n.(*ast.LiteralNode); ok {
			text = s.Value.Value
		}
		if r := []rune(text); len(r) > 40 {
			text = string(r[:40]) + "…"
		}
		if _, ok := n.(*ast.StringNode); ok {
			return strconv.Quote(text)
		}
		return text
	}
}
