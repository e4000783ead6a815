package frontier

import (
	"fmt"
	"strings"
	"testing"

	"tandem/crawler/weburl"
)

func TestTable(t *testing.T) {
	t.Parallel()
	var tab table
	const n = 50_000
	key := func(i int) weburl.Key { return weburl.KeyOf(fmt.Append(nil, i)) }
	for i := range n {
		if _, ok := tab.get(key(i)); ok {
			t.Fatalf("%d is there before it is put", i)
		}
		tab.put(key(i), uint32(i))
	}
	slots := 0
	for i := range tab.parts {
		slots += len(tab.parts[i].entries)
	}
	for i := range n {
		if id, ok := tab.get(key(i)); !ok || id != uint32(i) {
			t.Fatalf("get(%d) = %d, %v", i, id, ok)
		}
		if _, ok := tab.get(key(n + i)); ok {
			t.Fatalf("%d was never put", n+i)
		}
	}
	if tab.len() != n || 4*n > 3*slots || slots > 2*n+tableParts*partStart {
		t.Errorf("%d entries in %d slots", tab.len(), slots)
	}
}

// Keys that differ in their lowest bits only fill one run of slots, which goes on at the front.
func TestTableWrapsAround(t *testing.T) {
	t.Parallel()
	var tab table
	key := func(i int) (k weburl.Key) {
		for j := range 8 {
			k[j] = 0xff
		}
		k[9], k[10] = byte(i>>8), byte(i)
		return k
	}
	for i := range 1000 {
		tab.put(key(i), uint32(i))
	}
	for i := range 1000 {
		if id, ok := tab.get(key(i)); !ok || id != uint32(i) {
			t.Fatalf("get(%d) = %d, %v", i, id, ok)
		}
	}
}

// A frontier is opened with more or less room in memory than before, again and again: no URL becomes known twice.
func TestSeenWithChangingMemory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	known := 0
	for round, room := range []int{1000, 10, 700, 5000, 20, 1} {
		cfg := DefaultConfig(dir)
		cfg.SeenInRAM = room
		d := open(t, cfg)
		var ls []Link
		for i := range known + 500 {
			ls = append(ls, links(t, fmt.Sprintf("http://h%d.example/%d", i%7, i))...)
		}
		if n, err := d.Add(ls); err != nil || n != 500 {
			t.Fatalf("round %d with room for %d: %d added, %v; want 500", round, room, n, err)
		}
		known += 500
		if c := d.Counts(); c.Known != int64(known) || d.Hosts() != 7 {
			t.Fatalf("round %d: counts %+v, %d hosts", round, c, d.Hosts())
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Links that come on every page are answered without their key; what is answered stays right when others take their place.
func TestHotLinks(t *testing.T) {
	t.Parallel()
	h := newHotLinks()
	for round := range 3 {
		for i := range uint32(3 * hotSlots) {
			href := fmt.Sprintf("http://a.example/%d", i)
			id, ok, at := h.look(href)
			if ok && id != i {
				t.Fatalf("round %d: %s is %d", round, href, id)
			}
			if !ok {
				h.offer(href, i, at)
			}
		}
	}
	href := "http://a.example/nav"
	for range 2 {
		_, _, at := h.look(href)
		h.offer(href, 7, at)
	}
	if id, ok, _ := h.look(href); !ok || id != 7 {
		t.Errorf("look = %d, %v after two offers", id, ok)
	}
	long := href + strings.Repeat("a", hotLongest)
	for range 3 {
		if _, ok, at := h.look(long); ok {
			t.Error("a link of no bound is kept")
		} else {
			h.offer(long, 8, at)
		}
	}
}
