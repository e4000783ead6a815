package frontier

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func items(t *testing.T, d *Durable) []string {
	t.Helper()
	all := []string{}
	for lines, err := range d.Items() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(lines))
	}
	slices.Sort(all)
	return all
}

// Items are kept by nil, replaced by others, dropped by empty ones, and survive a crash and a lost mark.
func TestItems(t *testing.T) {
	t.Parallel()
	d := open(t, DefaultConfig(t.TempDir()))
	all := links(t, "http://a.example/kept", "http://a.example/replaced", "http://a.example/dropped", "http://a.example/none")
	add(t, d, 4, all)
	for i := range all {
		it := next(t, d)
		out := Outcome{Status: 200, Segment: "1", Offset: int64(i) * 100, Length: 100, Items: []byte("first " + it.URL.Path() + "\n")}
		if it.URL.Path() == "/none" {
			out.Items = []byte{}
		}
		done(t, d, it, out)
	}
	d = crash(t, d)
	first := []string{"first /dropped\n", "first /kept\n", "first /replaced\n"}
	if diff := cmp.Diff(first, items(t, d)); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if _, err := d.Reconcile("1", 0, everything); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, items(t, d)); diff != "" {
		t.Errorf("items after reconciling (-want +got):\n%s", diff)
	}
	for d.Counts().Pending > 0 {
		it := next(t, d)
		again := map[string][]byte{"/replaced": []byte("second\n"), "/dropped": {}}
		done(t, d, it, Outcome{Status: 200, Items: again[it.URL.Path()]})
	}
	if diff := cmp.Diff([]string{"first /kept\n", "second\n"}, items(t, d)); diff != "" {
		t.Errorf("items after a second fetch (-want +got):\n%s", diff)
	}
	for range d.Items() {
		break // ends the read
	}
}
