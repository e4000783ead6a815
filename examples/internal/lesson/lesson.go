package lesson

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// Lesson is the header of one lesson.
type Lesson struct {
	Number   int
	Title    string
	Question string   // with the possible answers
	Answers  []string // their letters
	Right    string   // one of Answers
	Answer   string   // the whole section
	Mistake  string
	Python   string   // runs as it stands
	Usages   []Usage  // of the idea in production
	Wrong    []string // letters that Answer says are wrong, and why
}

// Usage is a place in Tandem that uses a lesson's idea.
type Usage struct {
	Path string // of a file, from the root of the module
	Name string // that stands in it
}

var (
	titleLine  = regexp.MustCompile(`^Lesson (\d\d): (.+)\.$`)
	answerLine = regexp.MustCompile(`(?m)^\t([a-e])\) `)
	rightLine  = regexp.MustCompile(`^([a-e])\. `)
)

// maxPython is how many lines the Python of a lesson may have.
const maxPython = 15

// Parse reads the header of a lesson's source. The error names everything that is missing.
func Parse(source string) (Lesson, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", source, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		return Lesson{}, fmt.Errorf("parse lesson: %w", err)
	}
	first, sections := split(file.Doc.Text())
	l := Lesson{Question: sections["Question"], Answer: sections["Answer"], Mistake: sections["Common mistake"],
		Python: unindent(sections["Python"]), Answers: letters(sections["Question"]), Wrong: letters(sections["Answer"])}
	var errs []error
	lack := func(lacks bool, format string, args ...any) {
		if lacks {
			errs = append(errs, fmt.Errorf("lesson header: "+format, args...))
		}
	}
	title := titleLine.FindStringSubmatch(first)
	lack(title == nil, "first line %q, want \"Lesson NN: title.\"", first)
	if title != nil {
		l.Number, _ = strconv.Atoi(title[1]) // two digits
		l.Title = title[2]
	}
	if right := rightLine.FindStringSubmatch(l.Answer); right != nil {
		l.Right = right[1]
	}
	lack(len(l.Answers) < 2, "%d answers to choose from, want two at least", len(l.Answers))
	lack(l.Right == "", `# Answer does not begin with the right letter, as in "b. "`)
	for _, a := range l.Answers {
		lack(a != l.Right && !contains(l.Wrong, a), "# Answer does not say why %s) is wrong", a)
	}
	lack(l.Mistake == "", "no # Common mistake")
	lines := strings.Count(l.Python, "\n")
	lack(lines == 0 || lines > maxPython, "# Python has %d lines, want 1 to %d", lines, maxPython)
	l.Usages = usages(sections["In production"])
	lack(len(l.Usages) == 0, `no "path: name" in # In production`)
	return l, errors.Join(errs...)
}

// split takes a comment apart: its first line, and the text under each heading.
func split(text string) (first string, sections map[string]string) {
	first, rest, _ := strings.Cut(text, "\n")
	sections = make(map[string]string)
	heading := ""
	for line := range strings.Lines(rest) {
		if name, ok := strings.CutPrefix(line, "# "); ok {
			heading = strings.TrimSpace(name)
			continue
		}
		sections[heading] += line
	}
	for name, body := range sections {
		sections[name] = strings.Trim(body, "\n")
	}
	return first, sections
}

// letters returns the letters of the indented answers in a text.
func letters(text string) []string {
	var found []string
	for _, m := range answerLine.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	return found
}

// unindent takes the leading tab off the indented lines and drops the others.
func unindent(text string) string {
	var code strings.Builder
	for line := range strings.Lines(text + "\n") {
		if rest, ok := strings.CutPrefix(line, "\t"); ok {
			code.WriteString(rest)
		} else if line == "\n" && code.Len() > 0 {
			code.WriteString(line)
		}
	}
	if s := strings.TrimRight(code.String(), "\n"); s != "" {
		return s + "\n"
	}
	return ""
}

func usages(text string) []Usage {
	var found []Usage
	for line := range strings.Lines(unindent(text)) {
		if path, name, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			found = append(found, Usage{path, name})
		}
	}
	return found
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}
