package lesson

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

// Run prints the question of the lesson whose source is given, runs it, and prints the answer. On a terminal it waits for
// the reader's guess in between. It returns the exit code: 1 when run returned an error.
func Run(source string, run func() error) int {
	l, err := Parse(source)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	ask(os.Stdout, l)
	guess := ""
	if terminal(os.Stdin) && terminal(os.Stdout) {
		guess = predict(os.Stdin, os.Stdout)
	}
	fmt.Println()
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "lesson %02d: %v\n", l.Number, err)
		return 1
	}
	fmt.Println()
	tell(os.Stdout, l, guess)
	return 0
}

// ask prints the question.
func ask(w io.Writer, l Lesson) {
	fmt.Fprintf(w, "Lesson %02d: %s\n\n%s\n", l.Number, l.Title, indent(l.Question))
}

// predict waits for a line and returns its first letter.
func predict(r io.Reader, w io.Writer) string {
	fmt.Fprint(w, "\nWhat do you expect? Type a letter, then Enter: ")
	line, _ := bufio.NewReader(r).ReadString('\n') // no line is no guess
	line = strings.ToLower(strings.TrimSpace(line))
	return line[:min(1, len(line))]
}

// tell prints the answer and where to read on.
func tell(w io.Writer, l Lesson, guess string) {
	switch {
	case guess == l.Right:
		fmt.Fprintln(w, "You expected that.")
	case contains(l.Answers, guess):
		fmt.Fprintf(w, "You expected %s.\n", guess)
	}
	fmt.Fprintf(w, "Answer: %s\n\nIn production: ", strings.ReplaceAll(l.Answer, "\t", "  "))
	for i, u := range l.Usages {
		if i > 0 {
			fmt.Fprint(w, ", ")
		}
		fmt.Fprintf(w, "%s (%s)", u.Path, u.Name)
	}
	fmt.Fprintln(w)
}

// indent moves a text to the right, but not its empty lines.
func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(text, "\t", "  ")) {
		if line != "\n" {
			b.WriteString("  ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// terminal reports whether a person sits at the file.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && info.Name() != "null"
}
