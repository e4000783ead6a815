package configs

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"tandem/internal/units"
)

// NamedSection is one section of a job: its name and the struct (or *string, for "out") that holds its values.
type NamedSection struct {
	Name  string
	Value any
}

// knownSections are the names that may stand at the top of a job file, whichever program reads it.
func knownSections() []string {
	return []string{"out", "crawl", "get", "load", "process", "site"}
}

// Load reads the job file at path into sections: pointers to the caller's structs with their defaults already filled in,
// by section name. A section that the file lacks keeps its defaults; a known section that was not asked for is skipped.
// The error is an Error when the file could be read but is wrong.
func Load(path string, sections map[string]any) error {
	_, err := LoadPositions(path, sections)
	return err
}

// LoadPositions is Load, and tells where the values stand.
func LoadPositions(path string, sections map[string]any) (Positions, error) {
	f, err := os.Open(path)
	if err != nil {
		return Positions{}, fmt.Errorf("open job file %q: %w", units.Escape(path), cause(err))
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return Positions{}, fmt.Errorf("read job file %q: %w", units.Escape(path), cause(err))
	}
	return parse(path, src, sections)
}

// cause drops the path that os repeats in its errors.
func cause(err error) error {
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return pe.Err
	}
	return err
}

// Parse is Load for a file that is in memory; file names it in problems.
func Parse(file string, src []byte, sections map[string]any) error {
	_, err := parse(file, src, sections)
	return err
}

func parse(file string, src []byte, sections map[string]any) (Positions, error) {
	d := &decoder{Positions: Positions{file: file, at: map[string][2]int{}}}
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		v := reflect.ValueOf(sections[name])
		if v.Kind() != reflect.Pointer || v.IsNil() {
			return Positions{}, fmt.Errorf("read section %q: it is given as %T, not as a pointer", name, sections[name])
		}
		if err := supported(v.Type().Elem(), name); err != nil {
			return Positions{}, err
		}
	}
	body, problems := parseSource(file, src)
	if len(problems) > 0 {
		return Positions{}, problems.sorted()
	}
	d.top(body, sections)
	return d.Positions, d.problems.sorted()
}

// top walks the top level of a file.
func (d *decoder) top(body ast.Node, sections map[string]any) {
	known := knownSections()
	for name := range sections {
		if !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	d.mapping(body, "", func(key string, keyNode, value ast.Node) {
		target, asked := sections[key]
		switch {
		case asked:
			d.value(value, key, reflect.ValueOf(target).Elem(), checks{})
		case !slices.Contains(known, key):
			d.add(keyNode, key, "unknown section%s", suggestion(key, known))
		}
	})
}
