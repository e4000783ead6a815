package transport

import (
	"context"
	"errors"
	"net/netip"
	"testing"
)

// TestRefusedError holds that the network which a refusal suggests is enough, and the smallest.
func TestRefusedError(t *testing.T) {
	t.Parallel()
	rows := []struct{ addr, in, allow, text string }{
		{"10.1.2.3", "10.0.0.0/8", "10.1.2.3/32", `address is not public: "h:80" is 10.1.2.3, in 10.0.0.0/8 (allow it with --allow-net)`},
		{"::ffff:127.0.0.1", "127.0.0.0/8", "127.0.0.1/32", `address is not public: "h:80" is ::ffff:127.0.0.1, in 127.0.0.0/8 (allow it with --allow-net)`},
		{"64:ff9b::a9fe:a9fe", "169.254.0.0/16", "169.254.169.254/32",
			`address is not public: "h:80" is 64:ff9b::a9fe:a9fe, which carries 169.254.169.254, in 169.254.0.0/16 (allow it with --allow-net)`},
		{"fe80::1%eth0", "fe80::/10", "fe80::1/128", `address is not public: "h:80" is fe80::1%eth0, in fe80::/10 (allow it with --allow-net)`},
	}
	for _, row := range rows {
		addr := netip.AddrPortFrom(netip.MustParseAddr(row.addr), 80)
		err := NewGuard(nil, nil).Check("h:80", addr)
		refused, ok := errors.AsType[*RefusedError](err)
		if !ok || err.Error() != row.text || refused.Range.String() != row.in || refused.AllowNet().String() != row.allow {
			t.Errorf("%s: %v, %+v", row.addr, err, refused)
			continue
		}
		if err := NewGuard([]netip.Prefix{refused.AllowNet()}, nil).Check("h:80", addr); err != nil {
			t.Errorf("%s with --allow-net %v: %v", row.addr, refused.AllowNet(), err)
		}
	}
}

// TestVet asks what would be dialled.
func TestVet(t *testing.T) {
	t.Parallel()
	c, err := New(Config{
		Guard: NewGuard(nil, []string{"127.0.0.1:81", "site.test:80"}), Map: map[string]string{"site.test:80": "127.0.0.1:4711"},
		Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
			if host == "mixed.test" {
				return []netip.Addr{netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("10.0.0.1")}, nil
			}
			return nil, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	rows := []struct {
		hostport string
		ok       []bool
		mapped   bool
	}{
		{"mixed.test:80", []bool{true, false}, false},
		{"127.0.0.1:80", []bool{false}, false},
		{"127.0.0.1:81", []bool{true}, false},
		{"site.test:80", []bool{true}, true},
		{"[::1]:80", []bool{false}, false},
	}
	for _, row := range rows {
		got, err := c.Vet(t.Context(), row.hostport)
		if err != nil || len(got) != len(row.ok) {
			t.Errorf("%s: %v, %v", row.hostport, got, err)
			continue
		}
		for i, v := range got {
			if (v.Err == nil) != row.ok[i] || v.Mapped != row.mapped {
				t.Errorf("%s: %v: %v", row.hostport, v.Addr, v.Err)
			}
		}
	}
	_, err = c.Vet(t.Context(), "nothing.test:80")
	if te, ok := errors.AsType[*Error](err); !ok || te.Class != ClassDNS {
		t.Errorf("a name without addresses: %v", err)
	}
}
