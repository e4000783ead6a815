package configs

import (
	"encoding"
	"math"
	"net/netip"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"tandem/internal/units"
)

// scalar fills a value that is written as one word or text, and applies its checks.
func (d *decoder) scalar(n ast.Node, path string, v reflect.Value, c checks) {
	var msg string
	switch {
	case isText(v.Type()):
		msg = setText(n, v)
	case v.Kind() == reflect.String:
		msg = setString(n, v)
	case v.Kind() == reflect.Bool:
		msg = setBool(n, v)
	case v.CanFloat():
		msg = setFloat(n, v)
	default:
		msg = setInteger(n, v)
	}
	if msg == "" {
		msg = c.problem(v)
	}
	if msg != "" {
		d.add(n, path, "%s", msg)
	}
}

// text returns the text of a scalar as it was written; ok is false for true, false, null, lists and mappings.
func text(n ast.Node) (s string, ok bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}

func setText(n ast.Node, v reflect.Value) string {
	s, ok := text(n)
	if !ok {
		return wantText(n)
	}
	if n, ok := v.Addr().Interface().(*netip.Prefix); ok { // as a flag reads it
		var err error
		if *n, err = units.ParseNetwork(s); err != nil {
			return err.Error()
		}
		return ""
	}
	if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)); err != nil {
		return err.Error()
	}
	return ""
}

func setString(n ast.Node, v reflect.Value) string {
	s, ok := text(n)
	if !ok {
		return wantText(n)
	}
	v.SetString(s)
	return ""
}

// wantText says that n is no text, and how it would be one.
func wantText(n ast.Node) string {
	msg := "want a text, have " + describe(n)
	switch n.(type) {
	case *ast.BoolNode:
		msg += "; quote it"
	case *ast.MappingNode, *ast.MappingValueNode:
		msg += `; quote a text that holds ":"`
	}
	return msg
}

func setBool(n ast.Node, v reflect.Value) string {
	b, ok := n.(*ast.BoolNode)
	if !ok {
		return "want true or false, have " + describe(n)
	}
	v.SetBool(b.Value)
	return ""
}

// plain returns the text of a number; a quoted one is a text.
func plain(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, true
	case *ast.StringNode: // the library takes 1e3 and numbers beyond 64 bits for text
		s := n.Value
		return s, n.GetToken().Value == s && s != "" && strings.ContainsAny(s[:1], "+-.0123456789") && n.GetToken().Type.String() == "String"
	}
	return "", false
}

func setFloat(n ast.Node, v reflect.Value) string {
	s, ok := plain(n)
	f, err := strconv.ParseFloat(s, v.Type().Bits())
	if !ok || err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return "want a number, have " + describe(n)
	}
	v.SetFloat(f)
	return ""
}

func setInteger(n ast.Node, v reflect.Value) string {
	s, ok := plain(n)
	if !ok {
		return "want a whole number, have " + describe(n)
	}
	// Base 10 only: 010 would be 8 to one reader and 10 to the other.
	digits := strings.ReplaceAll(strings.TrimPrefix(s, "+"), "_", "")
	if len(strings.TrimPrefix(digits, "-")) > 1 && strings.HasPrefix(strings.TrimPrefix(digits, "-"), "0") {
		return "want a whole number in decimal digits without leading zeros, have " + describe(n)
	}
	if v.CanInt() {
		i, err := strconv.ParseInt(digits, 10, v.Type().Bits())
		if err != nil {
			return "want a whole number, have " + describe(n) + outOfRange(err)
		}
		v.SetInt(i)
		return ""
	}
	u, err := strconv.ParseUint(digits, 10, v.Type().Bits())
	if err != nil {
		return "want a whole number that is not negative, have " + describe(n) + outOfRange(err)
	}
	v.SetUint(u)
	return ""
}

func outOfRange(err error) string {
	if strings.HasSuffix(err.Error(), strconv.ErrRange.Error()) {
		return ", which is too large"
	}
	return ""
}
