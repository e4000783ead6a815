package extract

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"tandem/internal/units"
)

// The values of Field.Type. The empty one is TypeText.
const (
	TypeText    = "text"
	TypeNumber  = "number"
	TypeInteger = "integer"
	TypeDate    = "date"
	TypeURL     = "url"
	TypeHTML    = "html"
	TypeExists  = "exists"
)

// maxLevels is how deep items may hold items; the fields of the rule itself are level 1.
const maxLevels = 5

// Rule says what to take out of pages: one element of `crawl.extract` in a job file.
type Rule struct {
	// Name is what the items are called. Required, unique.
	Name string `yaml:"name" check:"nonempty" doc:"what the items are called"`
	// Match is matched with the page's URL. Nil asks every HTML page.
	Match *units.Pattern `yaml:"match" doc:"regular expression on the page's URL; without it, every HTML page"`
	// Select finds the elements that are an item each. Nil makes one item of the page.
	Select *Selector `yaml:"select" doc:"CSS: one item for each match; without it, one item a page"`
	// Fields are the item's values by name.
	Fields map[string]Field `yaml:"fields" doc:"the values of an item, by name"`
}

// Field says where one value of an item is.
type Field struct {
	// CSS finds the element within the item; the first with a value counts. Nil is the item's own element.
	CSS *Selector `yaml:"css" doc:"CSS: the element within the item; without it, the item's own element"`
	// Attr is the attribute to take; empty takes the text.
	Attr string `yaml:"attr" doc:"the attribute to take instead of the text"`
	// List takes the values of all elements instead of the first.
	List bool `yaml:"list" doc:"take all elements, as a list"`
	// Regex cuts the value out of the text: its first group, or the whole match if it has none.
	Regex *units.Pattern `yaml:"regex" doc:"regular expression on the text: its first group, or the whole match"`
	// Type says what the text is: one of the Type constants. What is not of the type is no value. Empty is text.
	Type string `yaml:"type" check:"oneof=text|number|integer|date|url|html|exists" doc:"text, number, integer, date, url, html or exists"`
	// Decimal is the decimal sign of a number or integer; the other one is for thousands.
	// Without it, what could be either is no value.
	Decimal DecimalSign `yaml:"decimal" json:",omitempty" doc:"number, integer: the decimal sign, . or ,"`
	// Layout is how the site writes a date. Nil takes the written forms that leave no doubt.
	Layout *DateLayout `yaml:"layout" json:",omitempty" doc:"date: how the site writes 2 January 2006, 15:04:05, such as 02/01/2006; or unix, unix-ms"`
	// Zone is where a time without a zone is from. Nil leaves it without.
	Zone *TimeZone `yaml:"zone" json:",omitempty" doc:"date: the zone of times that name none: UTC, +02:00 or Europe/Berlin"`
	// Default is the value where the item has none, read as the page's would be.
	Default string `yaml:"default" json:",omitempty" doc:"the value where the item has none"`
	// Required drops an item that lacks the value.
	Required bool `yaml:"required" doc:"drop an item that lacks this value"`
	// Fields make the value an item of its own, of the elements that CSS finds: Attr, Regex and Type stay empty.
	Fields map[string]Field `yaml:"fields" json:",omitempty" doc:"the value is an item itself: its values, by name"`
}

// Item is what a rule found once.
type Item struct {
	Rule string
	// Values holds under each name a string, a float64 (number), an int64 (integer), a bool (exists), a map[string]any
	// (an item within the item) or, of a list, a []any of these. Dates are RFC 3339 or, without a time, 2006-01-02. What was not found is missing;
	// of a list it is empty. encoding/json writes the names in their order.
	Values map[string]any
}

// Rules are the rules of a job, checked and compiled. They are immutable and safe for concurrent use.
type Rules struct {
	rules []rule
}

type rule struct {
	Rule
	fields []field // by name
}

// field is a compiled Field.
type field struct {
	Field
	name   string
	regex  *regexp.Regexp
	fields []field // of the items within; nil for a plain value
}

// NewRules compiles rules. It reports everything that is wrong with them, joined.
func NewRules(list []Rule) (*Rules, error) {
	var errs []error
	rs, seen := &Rules{}, map[string]bool{}
	for i, r := range list {
		key := fmt.Sprintf("extract[%d]", i)
		wrong := func(below string, err error) {
			errs = append(errs, units.AtKey(key+below, fmt.Errorf("%s %q: %w", key, r.Name, err)))
		}
		bad := func(text string) { wrong("", errors.New(text)) }
		switch {
		case strings.TrimSpace(r.Name) == "":
			bad("it has no name")
		case seen[r.Name]:
			bad("a rule before it has this name")
		case len(r.Fields) == 0:
			bad("it has no fields")
		}
		seen[r.Name] = true
		fields := compileFields(r.Fields, nil, func(path []string, err error) {
			wrong(".fields."+strings.Join(path, ".fields."), fmt.Errorf("field %q: %w", strings.Join(path, "."), err))
		})
		rs.rules = append(rs.rules, rule{Rule: r, fields: fields})
	}
	return rs, errors.Join(errs...)
}

// compileFields compiles the fields of one item, by name. bad is told what is wrong with one; around are the names of the
// fields around them, none at level 1.
func compileFields(list map[string]Field, around []string, bad func(path []string, err error)) []field {
	var compiled []field
	for _, name := range slices.Sorted(maps.Keys(list)) {
		full := append(slices.Clone(around), name)
		f := field{Field: list[name], name: name}
		f.Attr = strings.ToLower(f.Attr) // as the parser writes it
		if err := f.check(); err != nil {
			bad(full, err)
		}
		if f.Regex != nil {
			var err error
			if f.regex, err = regexp.Compile(f.Regex.String()); err != nil {
				bad(full, err)
			}
		}
		switch {
		case len(f.Fields) == 0:
		case len(full) == maxLevels:
			bad(full, fmt.Errorf("items within items go %d levels deep at most", maxLevels))
		default:
			f.fields = compileFields(f.Fields, full, bad)
		}
		compiled = append(compiled, f)
	}
	return compiled
}

// check reports keys that do not go together.
func (f *field) check() error {
	if strings.TrimSpace(f.name) == "" {
		return errors.New("it has no name")
	}
	if len(f.Fields) > 0 {
		if f.Attr != "" || f.Regex != nil || f.Type != "" || f.Decimal != "" || f.Layout != nil || f.Zone != nil || f.Default != "" {
			return errors.New("it has fields: attr, regex, type, decimal, layout, zone and default belong to those")
		}
		return nil
	}
	if err := f.checkType(); err != nil {
		return err
	}
	if f.Default == "" {
		return nil
	}
	if f.List || f.Required || f.Type == TypeExists {
		return errors.New("default goes neither with list nor with required nor with type exists")
	}
	if _, ok := f.convert(f.Default, nil); !ok {
		return fmt.Errorf("default %q: it is no %s", f.Default, f.Type)
	}
	return nil
}

func (f *field) checkType() error {
	switch f.Type {
	case "", TypeText, TypeNumber, TypeInteger, TypeDate, TypeURL, TypeHTML, TypeExists:
	default:
		return fmt.Errorf("type %q: want text, number, integer, date, url, html or exists", f.Type)
	}
	switch {
	case (f.Layout != nil || f.Zone != nil) && f.Type != TypeDate:
		return errors.New("layout and zone go with type date")
	case f.Decimal != "" && f.Type != TypeNumber && f.Type != TypeInteger:
		return errors.New("decimal goes with type number or integer")
	case f.Type == TypeHTML && f.Attr != "":
		return errors.New("type html is of elements and not of attributes")
	case f.Type == TypeExists && f.List:
		return errors.New("type exists is one answer and no list")
	}
	return f.Decimal.check()
}

// Want reports whether a rule may ask the page at this URL: it saves decoding the others.
func (rs *Rules) Want(pageURL string) bool {
	return slices.ContainsFunc(rs.rules, func(r rule) bool { return r.wants(pageURL) })
}

func (r *rule) wants(pageURL string) bool { return r.Match == nil || r.Match.MatchString(pageURL) }
