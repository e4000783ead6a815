package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/crawler"
	"tandem/internal/site"
	"tandem/internal/units"
)

// hostileNames resolves the names below .test, and tells what must become of a link to each.
type hostileNames struct {
	answers map[string][]string
	want    map[string]string
	asked   atomic.Int64 // for rebind.test
}

func newHostileNames() *hostileNames {
	n := &hostileNames{
		answers: map[string][]string{
			"loopback": {"127.0.0.1"}, "none": {}, "mixed": {"192.88.99.1", "8.8.8.8", "127.0.0.1"}, "mapped": {"::ffff:127.0.0.1"}, "six": {"::1"},
			"nat64": {"64:ff9b::7f00:1"}, "sixtofour": {"2002:7f00:1::"}, "zero": {"0.0.0.0"}, "metadata": {"169.254.169.254"}, "lan": {"8.8.8.8", "192.168.1.1"},
		},
		want: map[string]string{"fails": "dns", "hangs": "timeout"},
	}
	for name := range n.answers {
		n.want[name] = "private_address"
	}
	n.want["none"] = "dns"
	return n
}

func (n *hostileNames) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	name := strings.TrimSuffix(host, ".test")
	answer := n.answers[name]
	switch name {
	case "fails":
		return nil, errors.New("no such thing")
	case "hangs":
		<-ctx.Done()
		return nil, ctx.Err()
	case "rebind": // what is allowed at first, and then what is not
		if answer = []string{"127.0.0.77"}; n.asked.Add(1) > 1 {
			answer = []string{"127.0.0.1"}
		}
	}
	var list []netip.Addr
	for _, a := range answer {
		list = append(list, netip.MustParseAddr(a))
	}
	return list, nil
}

// page links to all names on a port, and thrice to the one that changes.
func (n *hostileNames) page(port string) string {
	var b strings.Builder
	for name := range n.want {
		fmt.Fprintf(&b, "<a href=\"http://%s.test:%s/inside/name\"></a>\n", name, port)
	}
	for i := range 3 {
		fmt.Fprintf(&b, "<a href=\"http://rebind.test:%s/inside/%d\"></a>\n", port, i)
	}
	return b.String()
}

// TestHostileNames links to names that lead to addresses nobody allowed, alone, among others, in disguise, or at the second look.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	h, err := site.StartHostile(site.HostileOptions{Honest: 1, Links: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("close hostile set: %v", err)
		}
	})
	names := newHostileNames()
	page := names.page(h.TrapPort())
	url := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, page) // the client may be gone
	}))
	cfg := crawler.Default()
	cfg.Dir, cfg.Seeds, cfg.Scope, cfg.HostRate, cfg.Resolve = t.TempDir(), []string{url}, "any", 0, names.resolve
	cfg.Timeout = units.Duration(2 * time.Second)
	cfg.AllowNet = []netip.Prefix{netip.MustParsePrefix("127.0.0.77/32")}
	c, err := crawler.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkServer(t, h)
	names.check(t, cfg.Dir)
}

// check compares what is recorded with what must be.
func (n *hostileNames) check(t *testing.T, dir string) {
	t.Helper()
	seen := make(map[string]bool)
	for _, line := range lines(t, filepath.Join(dir, "inlinks.jsonl")) {
		var r recorded
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		name, _, found := strings.Cut(strings.TrimPrefix(r.URL, "http://"), ".test:")
		if !found {
			continue
		}
		seen[name] = true
		want := n.want[name]
		if name == "rebind" { // nobody listens at the address that is allowed
			want = "refused"
		}
		if r.Reason != want {
			t.Errorf("%s: %s %s, want %s", r.URL, r.State, r.Reason, want)
		}
	}
	if len(seen) != len(n.want)+1 {
		t.Errorf("outcomes for %v, want them for %v", seen, n.want)
	}
}
