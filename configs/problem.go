package configs

import (
	"fmt"
	"sort"
	"strings"

	"tandem/internal/units"
)

// Problem is one thing that is wrong in a job file.
type Problem struct {
	// File is the name of the file as it was given; "" when the value did not come from a file.
	File string
	// Line and Column count from 1, columns in characters; 0 when there is no position.
	Line, Column int
	// Path names the value: "crawl.host-rate", "crawl.seeds[2]"; "" for the file itself.
	Path string
	// Msg says what is wrong and what is accepted.
	Msg string
}

// String prints the problem in one line, "file:line:column: path: message", safe for a terminal.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		fmt.Fprintf(&b, "%s:%d:%d: ", p.File, p.Line, p.Column)
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Msg)
	return units.Escape(b.String())
}

// Error is everything that is wrong in a job file, in file order. It is never empty.
type Error []Problem

// maxListed bounds the problems that Error prints; all of them are in the slice.
const maxListed = 50

// Error prints one problem a line.
func (e Error) Error() string {
	lines := make([]string, 0, min(len(e), maxListed+1))
	for i, p := range e {
		if i == maxListed {
			lines = append(lines, fmt.Sprintf("and %d more problems", len(e)-i))
			break
		}
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// sorted returns the problems as an error in file order, nil when there are none.
func (e Error) sorted() error {
	if len(e) == 0 {
		return nil
	}
	sort.SliceStable(e, func(i, j int) bool {
		if e[i].Line != e[j].Line {
			return e[i].Line < e[j].Line
		}
		return e[i].Column < e[j].Column
	})
	return e
}
