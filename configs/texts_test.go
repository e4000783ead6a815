package configs

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "job.yaml")
	for _, test := range []struct {
		job  string
		want []string
		bad  string
	}{
		{"out: x\ncrawl:\n  whatever: [1, 2]\n  seeds: [a, \"b\"]\nother:\n  seeds: [c]\n", []string{"a", "b"}, ""},
		{"out: x\ncrawl:\n  max-depth: 1\n", nil, ""},
		{"out: x\ncrawl:\n", nil, ""},
		{"out: x\n", nil, ""},
		{"crawl:\n  seeds: {a: b}\n", nil, path + ":2:"},
		{"crawl: [a]\n", nil, path + ":1:"},
	} {
		if err := os.WriteFile(path, []byte(test.job), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Texts(path, "crawl", "seeds")
		if test.bad == "" && (err != nil || !slices.Equal(got, test.want)) {
			t.Errorf("%q: %q, %v; want %q", test.job, got, err, test.want)
		}
		if p, ok := errors.AsType[Error](err); test.bad != "" && (!ok || len(p) != 1 || p[0].File+":"+strconv.Itoa(p[0].Line)+":" != test.bad) {
			t.Errorf("%q: %v; want a problem at %s", test.job, err, test.bad)
		}
	}
	if _, err := Texts(path+"x", "crawl", "seeds"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
