package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestUnwritableOut starts crawls whose run directory, or a part of it, cannot
// be written: each ends within a second, says what it could not do, and asks for
// nothing.
func TestUnwritableOut(t *testing.T) {
	t.Parallel()
	file := func(t *testing.T, path, _ string) {
		t.Helper()
		if err := os.WriteFile(path, []byte("not a folder\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		prepare func(t *testing.T, out, url string) // may make out
		say     []string
	}{
		"out is a file":      {file, []string{"it is a file", `name a folder with -o`}},
		"out is below one":   {func(t *testing.T, out, url string) { file(t, filepath.Dir(out), url) }, []string{"not a directory"}},
		"out":                {func(t *testing.T, out, url string) { frozen(t, out) }, unwritable},
		"out, with a crawl":  {func(t *testing.T, out, url string) { crawled(t, out, url); frozen(t, out) }, unwritable},
		"archive":            {func(t *testing.T, out, url string) { frozen(t, filepath.Join(out, "archive")) }, unwritable},
		"frontier":           {func(t *testing.T, out, url string) { frozen(t, filepath.Join(out, "frontier")) }, unwritable},
		"archive of a crawl": {func(t *testing.T, out, url string) { crawled(t, out, url); frozen(t, filepath.Join(out, "archive")) }, unwritable},
		"frontier, likewise": {func(t *testing.T, out, url string) { crawled(t, out, url); frozen(t, filepath.Join(out, "frontier")) }, unwritable},
		"archive is a file":  {func(t *testing.T, out, url string) { mkdir(t, out); file(t, filepath.Join(out, "archive"), url) }, []string{"archive", "not a directory"}},
		"frontier is a file": {func(t *testing.T, out, url string) { mkdir(t, out); file(t, filepath.Join(out, "frontier"), url) }, []string{"frontier", "not a directory"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "deep", "out")
			mkdir(t, filepath.Dir(filepath.Dir(out)))
			if name != "out is below one" {
				mkdir(t, filepath.Dir(out))
			}
			s, url := synthetic(t, everything(20))
			c.prepare(t, out, url)
			before := s.Requests()
			p := asNobody(t, out, gentle(out, url)...)
			if code := p.wait(); code != 1 {
				t.Errorf("exit code %d, want 1\n%s", code, p.err.String())
			}
			if p.took > time.Second {
				t.Errorf("it took %v to say so", p.took)
			}
			for _, want := range append(c.say, "fetch: error: ") {
				if !strings.Contains(p.err.String(), want) {
					t.Errorf("no %q in\n%s", want, p.err.String())
				}
			}
			if n := s.Requests() - before; n != 0 {
				t.Errorf("%d requests were made", n)
			}
		})
	}
}

// unwritable is what fetch says of a folder that it must not write.
var unwritable = []string{"permission denied", "fetch: hint: name a writable directory"}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

// crawled makes out the run directory of a finished crawl .
func crawled(t *testing.T, out, url string) {
	t.Helper()
	fetch(t, 0, gentle(out, url)...)
}

// frozen takes the right to write away from a folder, which it makes if need be.
func frozen(t *testing.T, dir string) {
	t.Helper()
	mkdir(t, dir)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) }) // for who tidies up
}

// asNobody runs fetch as somebody to whom rights apply, which they do not to
// root: then everything below the run directory's parent is given to nobody.
func asNobody(t *testing.T, out string, args ...string) *process {
	t.Helper()
	if os.Geteuid() != 0 {
		return start(t, "", args...)
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("setpriv"); err != nil {
		t.Skip("root is refused nothing, and there is no setpriv to be somebody else")
	}
	top := filepath.Dir(filepath.Dir(out))
	if b, err := exec.Command("chown", "-R", "65534:65534", top).CombinedOutput(); err != nil {
		t.Fatalf("chown: %v\n%s", err, b)
	}
	for dir := filepath.Dir(path); dir != "/"; dir = filepath.Dir(dir) {
		reachable(t, dir)
	}
	for dir := top; dir != "/"; dir = filepath.Dir(dir) {
		reachable(t, dir)
	}
	return startCommand(t, "HOME=/", "setpriv", append([]string{"--reuid=65534", "--regid=65534", "--clear-groups", path}, args...)...)
}

// reachable lets everybody pass through one of the tests' own folders.
func reachable(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o001 == 0 {
		if err := os.Chmod(dir, info.Mode().Perm()|0o011); err != nil {
			t.Fatal(err)
		}
	}
}
