package configs

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// checks are the limits in a field's check tag. Bounds are kept as text for messages and as numbers for comparing.
type checks struct {
	min, max *bound
	oneOf    []string
	nonEmpty bool
}

type bound struct {
	text  string
	value float64
}

// Check applies the check tags to values that did not come from a file, such as flags. An empty text counts as not set
// unless its check says nonempty. The error is an Error whose problems have a path and no position.
func Check(sections []NamedSection) error {
	var problems Error
	for _, s := range sections {
		v := reflect.Indirect(reflect.ValueOf(s.Value))
		if !v.IsValid() {
			continue
		}
		if err := supported(v.Type(), s.Name); err != nil {
			return err
		}
		problems = checkValue(v, s.Name, checks{}, problems)
	}
	return problems.sorted()
}

func checkValue(v reflect.Value, path string, c checks, problems Error) Error {
	switch {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			return problems
		}
		return checkValue(v.Elem(), path, c, problems)
	case isText(v.Type()):
	case v.Kind() == reflect.Struct:
		list, _ := fields(v.Type()) // supported has seen the error
		for _, f := range list {
			problems = checkValue(v.FieldByIndex(f.index), join(path, f.name), f.checks, problems)
		}
		return problems
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			problems = checkValue(v.Index(i), path+"["+strconv.Itoa(i)+"]", c, problems)
		}
		return problems
	case v.Kind() == reflect.Map:
		for _, key := range sortedKeys(v) {
			problems = checkValue(v.MapIndex(key), join(path, key.String()), c, problems)
		}
		return problems
	}
	if v.Kind() == reflect.String && v.Len() == 0 && !c.nonEmpty {
		return problems
	}
	if msg := c.problem(v); msg != "" {
		problems = append(problems, Problem{Path: path, Msg: msg})
	}
	return problems
}

func sortedKeys(m reflect.Value) []reflect.Value {
	return slices.SortedFunc(slices.Values(m.MapKeys()), func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
}

// parseChecks reads a check tag for a field of type t.
func parseChecks(tag string, t reflect.Type) (checks, error) {
	var c checks
	for t.Kind() == reflect.Pointer || !isText(t) && (t.Kind() == reflect.Slice || t.Kind() == reflect.Map) {
		t = t.Elem()
	}
	for rule := range strings.SplitSeq(tag, ",") {
		name, arg, _ := strings.Cut(rule, "=")
		var err error
		switch name {
		case "":
		case "min":
			c.min, err = parseBound(arg, t)
		case "max":
			c.max, err = parseBound(arg, t)
		case "oneof":
			c.oneOf = strings.Split(arg, "|")
		case "nonempty":
			c.nonEmpty = true
		default:
			err = fmt.Errorf("unknown check %q", name)
		}
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// parseBound reads a bound in the notation of the field itself: `min=1s` for a duration.
func parseBound(arg string, t reflect.Type) (*bound, error) {
	v := reflect.New(t).Elem()
	if isText(t) {
		if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(arg)); err != nil {
			return nil, err
		}
		if n, ok := number(v); ok {
			return &bound{arg, n}, nil
		}
		return nil, fmt.Errorf("%s has no order", t)
	}
	if _, ok := number(v); !ok {
		return nil, fmt.Errorf("%s has no order", t)
	}
	n, err := strconv.ParseFloat(arg, 64)
	return &bound{arg, n}, err
}

func number(v reflect.Value) (float64, bool) {
	switch {
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	case v.CanFloat():
		return v.Float(), true
	}
	return 0, false
}

// problem says how v breaks the checks, "" when it does not.
func (c checks) problem(v reflect.Value) string {
	s := show(v)
	if n, ok := number(v); ok {
		switch below, above := c.min != nil && !(n >= c.min.value), c.max != nil && !(n <= c.max.value); {
		case (below || above) && c.min != nil && c.max != nil:
			return fmt.Sprintf("want %s to %s, have %s", c.min.text, c.max.text, s)
		case below:
			return fmt.Sprintf("want at least %s, have %s", c.min.text, s)
		case above:
			return fmt.Sprintf("want at most %s, have %s", c.max.text, s)
		}
	}
	if c.nonEmpty && s == "" {
		return "want a text, have an empty one"
	}
	if len(c.oneOf) > 0 && !slices.Contains(c.oneOf, s) {
		return fmt.Sprintf("want one of %s, have %q", strings.Join(c.oneOf, ", "), s)
	}
	return ""
}

// show prints a scalar as a job file writes it.
func show(v reflect.Value) string {
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		if b, err := m.MarshalText(); err == nil {
			return string(b)
		}
	}
	return fmt.Sprint(v.Interface())
}
