package frontier

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/store/fsx"
)

// listing is what a folder holds: names, sizes and times.
func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = info.ModTime().String() + info.Mode().String()
	}
	return all
}

// TestView looks at a frontier that was closed and at one that was left as a kill leaves it, and changes neither.
func TestView(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "frontier")
	d := open(t, Config{Dir: dir})
	add(t, d, 2, links(t, "http://a.test/done", "http://a.test/waiting"))
	if err := d.SetMeta("run", "20260102T030405Z"); err != nil {
		t.Fatal(err)
	}
	item, err := d.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Done(item, Outcome{State: Failed, Reason: "timeout", Date: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(t.TempDir(), "left") // as after a kill: the log is all there is
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{dir, left} {
		before := listing(t, dir)
		looked := make(map[string]State)
		v, err := OpenView(fsx.OS(), dir)
		if err != nil {
			t.Fatal(err)
		}
		run, err := v.Meta("run")
		if err != nil || run != "20260102T030405Z" {
			t.Errorf("run %q, %v", run, err)
		}
		for _, raw := range []string{"http://a.test/done", "http://a.test/waiting", "http://a.test/unknown"} {
			info, ok, err := v.State(mustURL(t, raw))
			if err != nil {
				t.Error(err)
			}
			if ok {
				looked[raw] = info.State
			}
		}
		want := map[string]State{"http://a.test/done": Failed, "http://a.test/waiting": Pending}
		if diff := cmp.Diff(want, looked); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(before, listing(t, dir)); diff != "" {
			t.Error(diff)
		}
		again := open(t, Config{Dir: dir}) // the view is in nobody's way
		if err := again.Close(); err != nil {
			t.Error(err)
		}
		_, _, _ = v.State(mustURL(t, "http://a.test/done")) // whatever it finds now
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestViewOfNothing refuses to look at what is no frontier, and makes none of it.
func TestViewOfNothing(t *testing.T) {
	t.Parallel()
	if _, err := OpenView(fsx.OS(), filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that is not there was opened")
	}
	empty := t.TempDir()
	if _, err := OpenView(fsx.OS(), empty); err == nil || len(listing(t, empty)) != 0 {
		t.Errorf("an empty folder: %v, %v", err, listing(t, empty))
	}
}
