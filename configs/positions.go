package configs

import (
	"errors"
	"strings"

	"tandem/internal/units"
)

// Positions says where the values of a job file stand. The zero value is that of no file.
type Positions struct {
	file string
	at   map[string][2]int // line and column, by path
}

// Place turns what a section's own code finds wrong with its values (units.KeyError, also several that are joined) into an Error
// with the place of each: in the file; or the flag, where flag names one for the key ("" where the value did not come from a
// flag). An error that names no key is returned as it is.
func (p Positions) Place(section string, err error, flag func(key string) string) error {
	if _, ok := errors.AsType[*units.KeyError](err); !ok {
		return err
	}
	var problems Error
	p.place(section, "", err, flag, &problems)
	return problems.sorted()
}

func (p Positions) place(section, key string, err error, flag func(key string) string, problems *Error) {
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range list.Unwrap() {
			p.place(section, key, one, flag, problems)
		}
		return
	}
	if k, ok := err.(*units.KeyError); ok {
		p.place(section, k.Key, k.Err, flag, problems)
		return
	}
	problem := Problem{Msg: err.Error()}
	if key != "" {
		around := key[:max(0, strings.LastIndexByte(key, '.'))]
		msg := strings.TrimPrefix(strings.TrimPrefix(problem.Msg, around+": "), key+": ")
		problem = p.problem(section, key, msg, flag)
	}
	*problems = append(*problems, problem)
}

// problem says where a key is: what is not in the file itself is where the value around it is.
func (p Positions) problem(section, key, msg string, flag func(key string) string) Problem {
	top := key
	if i := strings.IndexAny(key, ".["); i >= 0 {
		top = key[:i]
	}
	if name := flag(top); name != "" {
		return Problem{Path: name, Msg: msg}
	}
	problem := Problem{Path: join(section, key), Msg: msg}
	for path := problem.Path; path != section; path = path[:strings.LastIndexAny(path, ".[")] {
		if at, ok := p.at[path]; ok {
			problem.File, problem.Line, problem.Column = p.file, at[0], at[1]
			break
		}
	}
	return problem
}

// PlaceChecks says of the problems that Check found where the values were given, as Place does.
func (p Positions) PlaceChecks(section string, err error, flag func(key string) string) error {
	problems, ok := errors.AsType[Error](err)
	if !ok {
		return err
	}
	placed := make(Error, len(problems))
	for i, one := range problems {
		placed[i] = one
		if key, ok := strings.CutPrefix(one.Path, section+"."); ok && one.File == "" {
			placed[i] = p.problem(section, key, one.Msg, flag)
		}
	}
	return placed.sorted()
}

// Has reports whether the job file has a value at a path such as "load.duration".
func (p Positions) Has(path string) bool {
	_, ok := p.at[path]
	return ok
}
