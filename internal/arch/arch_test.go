package arch

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The repository keeps to its own rules.
func TestRepository(t *testing.T) {
	t.Parallel()
	tr, err := readTree(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.packages) < 5 || tr.packages["internal/arch"] == nil {
		t.Fatalf("%d packages found in module %q: this is not the repository", len(tr.packages), tr.module)
	}
	for _, v := range check(tr) {
		t.Error(v)
	}
}

// The checker finds every violation of a tree that breaks every rule, and nothing else.
func TestBrokenTree(t *testing.T) {
	t.Parallel()
	tr, err := readTree(filepath.Join("testdata", "broken"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	broken := map[string]bool{}
	for _, v := range check(tr) {
		b.WriteString(v.String() + "\n")
		broken[v.rule] = true
	}
	golden := filepath.Join("testdata", "broken.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
	for _, name := range ruleNames() {
		if !broken[name] {
			t.Errorf("rule %s is broken nowhere in testdata: nothing shows that it works", name)
		}
	}
}

func ruleNames() []string {
	names := []string{"floors", "doc", "no-init", "standard-only"}
	for _, r := range importRules() {
		names = append(names, r.name)
	}
	for _, r := range callRules() {
		names = append(names, r.name)
	}
	return names
}

// Every rule has a reason, and no package has two lines.
func TestTables(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, l := range floors() {
		if seen[l.path] || l.is == "" {
			t.Errorf("floors: line %q is doubled or says nothing", l.path)
		}
		seen[l.path] = true
	}
	for _, r := range importRules() {
		if r.reason == "" || r.name == "" {
			t.Errorf("import rule %q from %v has no reason or name", r.name, r.from)
		}
	}
	for _, r := range callRules() {
		if r.reason == "" || r.name == "" {
			t.Errorf("call rule %q on %s has no reason or name", r.name, r.pkg)
		}
	}
}

func TestReadTreeErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := readTree(dir); err == nil {
		t.Error("a folder without go.mod is read")
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "go 1.26\n")
	if _, err := readTree(dir); err == nil {
		t.Error("a go.mod without module line is read")
	}
	write("go.mod", "module x\n")
	write("x.go", "pakcage x\n")
	if _, err := readTree(dir); err == nil {
		t.Error("a file that is no Go is read")
	}
}
