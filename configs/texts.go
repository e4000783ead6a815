package configs

import (
	"fmt"
	"os"
	"reflect"

	"github.com/goccy/go-yaml/ast"

	"tandem/internal/units"
)

// Texts reads one list of texts out of the job file at path, such as crawl.seeds, and looks at nothing else in it: for those who need
// to know one thing of another program's job. It is nil if the file lacks the key. The error is an Error when the file could be read
// but is wrong.
func Texts(path, section, key string) ([]string, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("open job file %q: %w", units.Escape(path), cause(err))
	}
	body, problems := parseSource(path, src)
	if len(problems) > 0 {
		return nil, problems.sorted()
	}
	d := &decoder{Positions: Positions{file: path, at: map[string][2]int{}}}
	var list []string
	d.mapping(body, "", func(name string, _, value ast.Node) {
		if _, empty := value.(*ast.NullNode); name != section || empty {
			return
		}
		d.mapping(value, section, func(name string, _, value ast.Node) {
			if name == key {
				d.value(value, join(section, key), reflect.ValueOf(&list).Elem(), checks{})
			}
		})
	})
	return list, d.problems.sorted()
}
