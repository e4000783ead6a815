package units

import "strings"

// Value is what the types of this package are to a command line: a pointer that reads and prints itself.
type Value[T any] interface {
	*T
	Set(string) error
	String() string
	Type() string
}

// List makes a slice of values a repeatable flag: every use of the flag adds one value, and texts are never cut at
// commas, which regular expressions contain. The first use replaces the default. It has the methods of a command line
// slice value (Append, Replace, GetSlice), so flags can replace a list that came from a file.
type List[T any, P Value[T]] struct {
	slice   *[]T
	changed bool
}

// NewList returns the flag value that fills *slice, which the caller keeps owning.
func NewList[T any, P Value[T]](slice *[]T) *List[T, P] {
	return &List[T, P]{slice: slice}
}

// Set parses text and adds it; the first call drops what the slice held.
func (l *List[T, P]) Set(text string) error {
	if l.changed {
		return l.Append(text)
	}
	if err := l.Replace([]string{text}); err != nil {
		return err
	}
	l.changed = true
	return nil
}

// Append parses text and adds it to the slice.
func (l *List[T, P]) Append(text string) error {
	var v T
	if err := P(&v).Set(text); err != nil {
		return err
	}
	*l.slice = append(*l.slice, v)
	return nil
}

// Replace parses all texts and makes them the slice; when one is refused, the slice stays as it was.
func (l *List[T, P]) Replace(texts []string) error {
	values := make([]T, len(texts))
	for i, text := range texts {
		if err := P(&values[i]).Set(text); err != nil {
			return err
		}
	}
	*l.slice = values
	return nil
}

// GetSlice returns the text of every value.
func (l *List[T, P]) GetSlice() []string {
	if l.slice == nil {
		return nil
	}
	texts := make([]string, len(*l.slice))
	for i := range *l.slice {
		texts[i] = P(&(*l.slice)[i]).String()
	}
	return texts
}

// String prints the list for the help of a command; it is empty for an empty list.
func (l *List[T, P]) String() string { return strings.Join(l.GetSlice(), " ") }

// Type names the kind of value in the help of a command.
func (l *List[T, P]) Type() string {
	var v T
	return P(&v).Type()
}
