package target

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/transport"
)

// config is DefaultConfig with changes.
func config(change func(*Config)) *Config {
	c := DefaultConfig()
	change(&c)
	return &c
}

func openSet(t testing.TB, change func(*Config)) *Set {
	t.Helper()
	s, err := config(change).Open()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sent is what send i is: "METHOD URL", header lines and body.
func sent(s *Set, i int64) string {
	g := s.Pick(i)
	req := s.Static(g)
	if req == nil {
		req = new(transport.Request)
		s.Fill(i, g, req)
	}
	return show(req)
}

func show(r *transport.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s%s", r.Method, origin(r.Target), r.Target.URI)
	for _, h := range r.Header {
		fmt.Fprintf(&b, "\n%s: %s", h[0], h[1])
	}
	if len(r.Body) > 0 {
		fmt.Fprintf(&b, "\n\n%s", r.Body)
	}
	return b.String()
}

func TestURLsTakeTurns(t *testing.T) {
	t.Parallel()
	s := openSet(t, func(c *Config) {
		c.URLs = []string{"http://127.0.0.1:8080/a", "https://Example.org/b?x=1", "http://[::1]/"}
		c.Method, c.Body, c.Headers = "POST", "hello", []string{"X-A: 1", "X-B:2"}
	})
	var names []string
	for i := range s.Len() {
		names = append(names, s.Name(i))
		if r := s.Static(i); r == nil || !r.Named || string(r.Body) != "hello" {
			t.Errorf("target %d is %+v", i, r)
		}
	}
	want := []string{"POST http://127.0.0.1:8080/a", "POST https://example.org/b?x=1", "POST http://[::1]/"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	for i := range int64(9) {
		if got := s.Pick(i); got != int(i%3) {
			t.Errorf("send %d goes to target %d", i, got)
		}
	}
	if diff := cmp.Diff([]string{"http://127.0.0.1:8080", "http://[::1]:80", "https://example.org:443"}, s.Hosts()); diff != "" {
		t.Errorf("hosts (-want +got):\n%s", diff)
	}
	if got, want := sent(s, 1), "POST https://example.org/b?x=1\nX-A: 1\nX-B: 2\n\nhello"; got != want {
		t.Errorf("send 1 is %q, want %q", got, want)
	}
}

// Fill of a target without placeholders is its request, whatever the request was before.
func TestFillStatic(t *testing.T) {
	t.Parallel()
	s := openSet(t, func(c *Config) {
		c.URLs = []string{"http://a.example/1", "http://a.example/{{seq}}"}
		c.Body, c.Headers = "body", []string{"X-A: 1"}
	})
	var r transport.Request
	s.Fill(1, 1, &r)
	s.Fill(0, 0, &r)
	if diff := cmp.Diff(show(s.Static(0)), show(&r)); diff != "" {
		t.Errorf("filled (-static +filled):\n%s", diff)
	}
	r.Body[0], r.Header[0][1] = 'B', "2"
	if got := show(s.Static(0)); got != "GET http://a.example/1\nX-A: 1\n\nbody" {
		t.Errorf("the set's own request was changed: %q", got)
	}
}

func TestPickByWeight(t *testing.T) {
	t.Parallel()
	for _, weights := range [][]float64{{1, 2, 7}, {1, 1e6}, {5}, {1, 1, 1, 1}, {0.1, 0.2, 0.3, 1000, 3, 3, 90}} {
		const n = 400_000
		p, sum := weighted(weights, 7), 0.0
		got := make([]float64, len(weights))
		for i := range uint64(n) {
			got[p.at(i)]++
		}
		for _, w := range weights {
			sum += w
		}
		for i, w := range weights {
			share := w / sum
			// Five standard deviations of a binomial count.
			if tolerance := 5*math.Sqrt(n*share*(1-share)) + 1; math.Abs(got[i]-n*share) > tolerance {
				t.Errorf("weights %v: target %d got %.0f of %d sends, want %.0f ± %.0f", weights, i, got[i], n, n*share, tolerance)
			}
		}
	}
}

// The alias table gives each target its weight exactly, but for rounding to 2⁻³² of a column.
func TestAliasTableIsExact(t *testing.T) {
	t.Parallel()
	weights, sum := make([]float64, 1000), 0.0
	for i := range weights {
		weights[i] = float64(i%17 + 1)
		sum += weights[i]
	}
	p := weighted(weights, 1)
	share := make([]float64, len(weights))
	for i, s := range p.slots {
		below := float64(s.cut) / (1 << 32)
		share[i] += below
		share[s.other] += 1 - below
	}
	for i, w := range weights {
		if want := w / sum * float64(len(weights)); math.Abs(share[i]-want) > 1e-6 {
			t.Fatalf("target %d has %v columns, want %v", i, share[i], want)
		}
	}
}

func TestPickIsReproducible(t *testing.T) {
	t.Parallel()
	a, b, other := weighted([]float64{1, 2, 3}, 1), weighted([]float64{1, 2, 3}, 1), weighted([]float64{1, 2, 3}, 2)
	same := true
	for i := range uint64(1000) {
		if a.at(i) != b.at(i) {
			t.Fatalf("send %d differs between two equal sets", i)
		}
		same = same && a.at(i) == other.at(i)
	}
	if same {
		t.Error("another seed draws the same")
	}
}

func BenchmarkPick(b *testing.B) {
	weights := make([]float64, 10_000)
	for i := range weights {
		weights[i] = float64(i + 1)
	}
	for _, bench := range []struct {
		name string
		p    picker
	}{{"turns", inTurn(10_000)}, {"uniform", uniform(10_000, 1)}, {"weighted", weighted(weights, 1)}} {
		b.Run(bench.name, func(b *testing.B) {
			s := &Set{pick: bench.p}
			sum := 0
			for i := range b.N {
				sum += s.Pick(int64(i))
			}
			if sum < 0 {
				b.Fatal("negative target")
			}
		})
	}
}

func BenchmarkFill(b *testing.B) {
	s := openSet(b, func(c *Config) {
		c.URLs = []string{"http://127.0.0.1:8080/item/{{seq}}?r={{random}}"}
		c.Headers, c.Body = []string{"X-Id: {{uuid}}", "X-A: b"}, `{"n":{{seq}}}`
	})
	var r transport.Request
	b.ReportAllocs()
	for i := range b.N {
		s.Fill(int64(i), 0, &r)
	}
}
