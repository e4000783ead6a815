package target

import (
	"errors"
	"fmt"
)

// place is where something stands in a file; the zero value is nowhere.
type place struct{ line, column int }

// problems collects what is wrong with a file, up to maxProblems.
type problems struct {
	file string
	list []error
}

// add notes a problem as file:line:column.
func (p *problems) add(at place, err error) {
	if p.full() {
		return
	}
	p.list = append(p.list, fmt.Errorf("%s:%d:%d: %w", p.file, at.line, at.column, err))
}

// full tells that no more is kept, so that reading on is of no use.
func (p *problems) full() bool { return len(p.list) >= maxProblems }

// err is all of it, nil if nothing was wrong.
func (p *problems) err() error {
	if p.full() {
		return errors.Join(append(p.list, fmt.Errorf("%s: not looked at further after %d problems", p.file, maxProblems))...)
	}
	return errors.Join(p.list...)
}
