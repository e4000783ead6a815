package configs

import (
	"bufio"
	"encoding"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Write prints the sections as a job file, every key with its effective value, in the given order. Load reads it back to
// the same values; nil and empty lists are the same. Nil pointers are left out, and so are zero values that the checks of
// their key refuse: they mean that the key was not set.
func Write(w io.Writer, sections []NamedSection) error {
	e := &encoder{w: bufio.NewWriter(w)}
	for _, s := range sections {
		v := reflect.ValueOf(s.Value)
		if v.Kind() == reflect.Pointer && v.IsNil() || !v.IsValid() {
			continue
		}
		if err := supported(v.Type(), s.Name); err != nil {
			return fmt.Errorf("write job file: %w", err)
		}
		e.entry(s.Name, v, "")
	}
	if e.err != nil {
		return fmt.Errorf("write job file: %w", e.err)
	}
	return e.w.Flush()
}

// encoder prints values; the first error stays.
type encoder struct {
	w   *bufio.Writer
	err error
}

func (e *encoder) print(parts ...string) {
	for _, s := range parts {
		_, _ = e.w.WriteString(s) // the error is kept by the writer and returned by Flush
	}
}

// entry prints one key with its value: on the line of the key if it is a scalar, else below, indented further.
func (e *encoder) entry(key string, v reflect.Value, indent string) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	e.print(indent, e.quoted(key), ":")
	if inline, ok := e.inline(v); ok {
		e.print(" ", inline, "\n")
		return
	}
	e.print("\n")
	e.block(v, indent+"  ")
}

// inline returns what fits behind a key: scalars and what is empty.
func (e *encoder) inline(v reflect.Value) (string, bool) {
	switch {
	case isText(v.Type()):
		return e.word(e.text(v)), true
	case v.Kind() == reflect.String:
		return e.quoted(v.String()), true
	case v.Kind() == reflect.Slice:
		return "[]", v.Len() == 0
	case v.Kind() == reflect.Map:
		return "{}", v.Len() == 0
	case v.Kind() == reflect.Struct:
		list, _ := fields(v.Type())
		for _, f := range list {
			if !f.unset(v.FieldByIndex(f.index)) {
				return "", false
			}
		}
		return "{}", true
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), true
	}
	return fmt.Sprint(v.Interface()), true
}

// block prints the elements of a struct, map or slice, one or more lines each.
func (e *encoder) block(v reflect.Value, indent string) {
	switch v.Kind() {
	case reflect.Struct:
		list, _ := fields(v.Type())
		for _, f := range list {
			if value := v.FieldByIndex(f.index); !f.unset(value) {
				e.entry(f.name, value, indent)
			}
		}
	case reflect.Map:
		for _, key := range sortedKeys(v) {
			e.entry(key.String(), v.MapIndex(key), indent)
		}
	case reflect.Slice:
		for i := range v.Len() {
			element := v.Index(i)
			for element.Kind() == reflect.Pointer && !element.IsNil() {
				element = element.Elem()
			}
			if inline, ok := e.inline(element); ok {
				e.print(indent, "- ", inline, "\n")
				continue
			}
			e.print(indent, "-\n")
			e.block(element, indent+"  ")
		}
	}
}

func (e *encoder) text(v reflect.Value) string {
	m, ok := v.Interface().(encoding.TextMarshaler)
	if !ok && v.CanAddr() {
		m, ok = v.Addr().Interface().(encoding.TextMarshaler)
	}
	if !ok {
		e.fail(fmt.Errorf("a %s is read from text but cannot be written as text", v.Type()))
		return ""
	}
	b, err := m.MarshalText()
	if err != nil {
		e.fail(err)
	}
	return string(b)
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// bareWord and bareQuantity match texts that mean themselves without quotes in every YAML reader.
var (
	bareWord     = regexp.MustCompile(`^(https?://)?[A-Za-z/][A-Za-z0-9/_.-]*(:[0-9]+/)?[A-Za-z0-9/_.-]*$`)
	bareQuantity = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]+)?[A-Za-z/]*([0-9]+[a-z]+)*$`)
)

// word is quoted, for values with their own text form: quantities such as 64MiB stay bare.
func (e *encoder) word(s string) string {
	if bareQuantity.MatchString(s) {
		return s
	}
	return e.quoted(s)
}

func (e *encoder) quoted(s string) string {
	if !utf8.ValidString(s) {
		e.fail(fmt.Errorf("the text %q is no UTF-8", s))
	}
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		return strconv.Quote(s)
	}
	if bareWord.MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}
