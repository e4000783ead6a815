package site

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func startHostile(t *testing.T, opt HostileOptions) *Hostile {
	t.Helper()
	h, err := StartHostile(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return h
}

// TestHostileHonest asks for every honest page as any client would.
func TestHostileHonest(t *testing.T) {
	t.Parallel()
	h := startHostile(t, HostileOptions{})
	tr := &http.Transport{DisableCompression: true}
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr, Timeout: time.Minute}
	honest := 0
	for _, b := range h.Behaviours() {
		if !b.Honest || !strings.Contains(b.URL, h.front.host()) {
			continue
		}
		honest++
		resp, err := client.Get(b.URL)
		if err != nil {
			if strings.HasPrefix(b.Name, "framing/") { // net/http is stricter
				continue
			}
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(body)
		if got := hex.EncodeToString(sum[:]); len(b.Want) != 1 || got != b.Want[0].SHA256 || resp.StatusCode != b.Want[0].Status {
			t.Errorf("%s is %d %s, want %v", b.URL, resp.StatusCode, got, b.Want)
		}
	}
	if honest < 51 {
		t.Errorf("%d honest pages, want 51 at least", honest)
	}
	if v := h.Violations(); len(v) > 0 {
		t.Errorf("violations of a good client: %q", v)
	}
	if o := h.Outside(); len(o) > 0 {
		t.Errorf("connections outside: %q", o)
	}
}

// TestHostileOrders wants the same links in each order, and honest pages not all in one place.
func TestHostileOrders(t *testing.T) {
	t.Parallel()
	var orders [][]string
	for _, opt := range []HostileOptions{{}, {Order: Reversed}, {Order: Shuffled, Seed: 1}, {Order: Shuffled, Seed: 2}} {
		opt.Honest = 12
		h := startHostile(t, opt)
		var names []string
		last := 0
		for i, b := range h.list {
			if strings.Contains(b.URL, h.trapped) || strings.Contains(b.URL, "/renamed/") {
				continue
			}
			names = append(names, b.Name)
			if b.Honest {
				last = i
			}
			if opt.Order == InOrder && i-last > 20 && last > 0 && i < len(h.list)/2 {
				t.Errorf("no honest page between %d and %d", last, i)
			}
		}
		orders = append(orders, names)
	}
	back := slices.Clone(orders[1])
	slices.Reverse(back)
	if !slices.Equal(back, orders[0]) {
		t.Error("Reversed is not InOrder from the end")
	}
	if slices.Equal(orders[2], orders[3]) || slices.Equal(orders[2], orders[0]) {
		t.Error("the seed does not change the order")
	}
	for _, o := range orders {
		slices.Sort(o)
		if !slices.Equal(o, orders[0]) {
			t.Error("another order has other links")
		}
		if len(slices.Compact(o)) != len(o) {
			t.Error("a link appears twice")
		}
	}
}

// TestHostileNotices wants what nobody should do to be noticed.
func TestHostileNotices(t *testing.T) {
	t.Parallel()
	h := startHostile(t, HostileOptions{})
	for _, request := range []string{
		"GET /private/1 HTTP/1.1\r\nHost: " + h.front.host(), "GET /%70rivate/2 HTTP/1.1\r\nHost: " + h.front.host(),
		"GET / HTTP/1.1\r\nHost: localhost", "GET / HTTP/1.1\r\nHost: " + h.front.host() + "\r\nAuthorization: Basic eA==",
	} {
		before := len(h.Violations())
		exchangeRaw(t, h.front.host(), request+"\r\nConnection: close\r\n\r\n")
		if got := len(h.Violations()) - before; got != 1 {
			t.Errorf("%q makes %d violations, want 1", request, got)
		}
	}
	exchangeRaw(t, "127.0.0.1:"+h.TrapPort(), "")
	if got := len(h.Outside()); got != 1 {
		t.Errorf("%d connections outside, want 1", got)
	}
}

// exchangeRaw sends text and reads until there is an answer, or the end.
func exchangeRaw(t *testing.T, addr, text string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	_, _ = c.Read(make([]byte, 1))
}
