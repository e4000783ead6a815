package target

import (
	"fmt"
	"slices"
	"strings"
)

// feed is a table whose rows fill placeholders, one row a send.
type feed struct {
	name    string // of the file
	columns []string
	cells   []string // row after row
	rows    int
	drawn   bool // by chance, not in turn
	seed    uint64
	used    []bool // columns that some placeholder names
	// rules are what values must keep where they stand, by column.
	rules []rule
}

// rule is what a place asks of the values of a column.
type rule struct {
	column int
	place  string
	bad    func(byte) bool
}

// row is the one for send i.
func (f *feed) row(i int64) []string {
	at := int(uint64(i) % uint64(f.rows))
	if f.drawn {
		at = int(hash(f.seed, streamRow, uint64(i)) % uint64(f.rows))
	}
	return f.cells[at*len(f.columns) : (at+1)*len(f.columns)]
}

// column is the index of a column, -1 if there is none. f may be nil.
func (f *feed) column(name string) int {
	if f == nil {
		return -1
	}
	i := slices.Index(f.columns, name)
	if i >= 0 {
		f.used[i] = true
	}
	return i
}

// names says which placeholders there are. f may be nil.
func (f *feed) names() string {
	if f == nil {
		return "without a feed there are " + known
	}
	return fmt.Sprintf("known are %s, and %s of %s", known, strings.Join(f.columns, ", "), f.name)
}

// keep notes the rule of the place that t stands in.
func (f *feed) keep(t text, place string, bad func(byte) bool) {
	for _, p := range t {
		same := func(r rule) bool { return r.column == p.column && r.place == place }
		if p.kind == column && p.escape == asIs && !slices.ContainsFunc(f.rules, same) {
			f.rules = append(f.rules, rule{p.column, place, bad})
		}
	}
}

// verify holds all values against the rules.
func (f *feed) verify() error {
	if !slices.Contains(f.used, true) {
		return fmt.Errorf("feed %q: no placeholder names one of its columns (%s)", f.name, strings.Join(f.columns, ", "))
	}
	problems := &problems{file: f.name}
	for r := range f.rows {
		for _, rule := range f.rules {
			value := f.cells[r*len(f.columns)+rule.column]
			if i := strings.IndexFunc(value, func(c rune) bool { return c < 0x80 && rule.bad(byte(c)) }); i >= 0 && !problems.full() {
				problems.list = append(problems.list, fmt.Errorf("%s: row %d, column %q: %q cannot stand in %s", f.name, r+1, f.columns[rule.column], value[i], rule.place))
			}
		}
	}
	return problems.err()
}

// notInURI is what no request target holds (RFC 3986; a fragment is never sent).
func notInURI(c byte) bool { return c <= ' ' || c == 0x7f || c == '#' }

// notInField is what no field value holds (RFC 9110 section 5.5).
func notInField(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }
