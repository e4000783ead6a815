package examples_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"tandem/examples/internal/lesson"
)

// folders returns the folders of all lessons, in the order of their numbers.
func folders(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("[0-9][0-9]-*")
	if err != nil || len(found) == 0 {
		t.Fatalf("lessons: %v, %v", found, err)
	}
	return found
}

func parse(t *testing.T, folder string) lesson.Lesson {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(folder, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	l, err := lesson.Parse(string(source))
	if err != nil {
		t.Fatalf("%s: %v", folder, err)
	}
	return l
}

// Every lesson has a whole header, its folder's number, a script that runs it, and names production code that is there.
func TestHeaders(t *testing.T) {
	t.Parallel()
	for _, folder := range folders(t) {
		l := parse(t, folder)
		if !strings.HasPrefix(folder, fmt.Sprintf("%02d-", l.Number)) {
			t.Errorf("%s says that it is lesson %d", folder, l.Number)
		}
		if _, err := os.Stat(filepath.Join("testdata", folder+".txt")); err != nil {
			t.Errorf("%s: nothing runs it: %v", folder, err)
		}
		for _, u := range l.Usages {
			code, err := os.ReadFile(filepath.Join("..", u.Path))
			if err != nil || !strings.Contains(string(code), u.Name) {
				t.Errorf("%s: %q does not stand in %s (%v)", folder, u.Name, u.Path, err)
			}
		}
	}
}

// What a lesson says in Python runs.
func TestPython(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not on this machine")
	}
	for _, folder := range folders(t) {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "lesson.py") // a file: processes that are spawned read it again
			if err := os.WriteFile(file, []byte(parse(t, folder).Python), 0o644); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), python, file)
			cmd.Dir = filepath.Dir(file)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// Every lesson runs as its script says, on all cores and on one. The scripts find the lessons by their folders' names.
func TestLessons(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", bin+"/", "./...")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build lessons: %v\n%s", err, out)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	for name, procs := range map[string]string{"all-cores": os.Getenv("GOMAXPROCS"), "one-core": "1"} {
		t.Run(name, func(t *testing.T) {
			testscript.Run(t, testscript.Params{
				Dir: "testdata",
				Setup: func(env *testscript.Env) error {
					env.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
					env.Setenv("ROOT", root)
					for _, name := range []string{"HOME", "GOCACHE", "GOPATH", "GOFLAGS", "GOMODCACHE", "GOPROXY"} {
						env.Setenv(name, os.Getenv(name))
					}
					if procs != "" {
						env.Setenv("GOMAXPROCS", procs)
					}
					return nil
				},
				Condition: func(cond string) (bool, error) {
					known := map[string]bool{"all-cores": procs != "1", "one-core": procs == "1"}
					if on, ok := known[cond]; ok {
						return on, nil
					}
					return false, fmt.Errorf("unknown condition %q, not one of %v", cond, slices.Sorted(maps.Keys(known)))
				},
			})
		})
	}
}
