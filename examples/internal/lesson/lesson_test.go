package lesson

import (
	"bytes"
	"strings"
	"testing"
)

const whole = `// Lesson 08: a title.
//
// # Question
//
// What is it?
//
//	a) this
//	b) that
//
// # Answer
//
// b. Because.
//
//	a) is not it.
//
// # Common mistake
//
// To guess.
//
// # Python
//
//	print("a")
//
//	print("b")
//
// # In production
//
//	load/run.go: Run
package main
`

func TestParse(t *testing.T) {
	t.Parallel()
	l, err := Parse(whole)
	if err != nil {
		t.Fatal(err)
	}
	if l.Number != 8 || l.Title != "a title" || l.Right != "b" || len(l.Answers) != 2 || l.Mistake != "To guess." ||
		l.Python != "print(\"a\")\n\nprint(\"b\")\n" || len(l.Usages) != 1 || l.Usages[0] != (Usage{"load/run.go", "Run"}) {
		t.Errorf("got %+v", l)
	}
}

func TestParseSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("//\tprint()\n", maxPython)
	for _, c := range []struct{ cut, put, want string }{
		{"Lesson 08", "Lektion 7", "first line"},
		{"//\tb) that\n", "", "1 answers to choose from"},
		{"// b. Because.", "// Because.", "begin with the right letter"},
		{"//\ta) is not it.\n", "", "why a) is wrong"},
		{"// To guess.\n", "", "no # Common mistake"},
		{"//\tprint(\"a\")\n//\n//\tprint(\"b\")\n", "", "0 lines"},
		{"//\tprint(\"a\")\n", long, "17 lines"},
		{"//\tload/run.go: Run\n", "", "path: name"},
	} {
		source := strings.Replace(whole, c.cut, c.put, 1)
		if source == whole {
			t.Fatalf("%q does not stand in the header", c.cut)
		}
		if _, err := Parse(source); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("without %q: got %v, want %q", c.cut, err, c.want)
		}
	}
}

func TestTell(t *testing.T) {
	t.Parallel()
	l, err := Parse(whole)
	if err != nil {
		t.Fatal(err)
	}
	for guess, want := range map[string]string{"b": "You expected that.\n", "a": "You expected a.\n", "": "Answer: b. Because."} {
		var out bytes.Buffer
		tell(&out, l, guess)
		if !strings.HasPrefix(out.String(), want) || !strings.HasSuffix(out.String(), "load/run.go (Run)\n") {
			t.Errorf("guess %q: got %q, want it to begin with %q", guess, out.String(), want)
		}
	}
}

func TestPredict(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{"b\n": "b", " B) that\n": "b", "\n": "", "": ""} {
		if got := predict(strings.NewReader(typed), &bytes.Buffer{}); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}
