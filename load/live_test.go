package load

import (
	"testing"
	"time"

	"tandem/internal/units"
)

// What is told during a run grows, adds up, and ends near the result.
func TestProgress(t *testing.T) {
	t.Parallel()
	srv := serve(t, always(hello))
	cfg := config(srv.url)
	cfg.Rate, cfg.Connections, cfg.Duration = 1000, 4, units.Duration(2300*time.Millisecond)
	var last Progress
	var whole, recent int64
	r, err := Run(t.Context(), cfg, nil, func(p Progress) {
		live := p.Live()
		if p.Completed < last.Completed || p.Planned < last.Planned || live.Counts.Completed < p.Completed {
			t.Errorf("%+v after %+v", p, last)
		}
		if n := live.Status["200"]; n != live.Counts.Completed {
			t.Errorf("status 200 %d, completed %d", n, live.Counts.Completed)
		}
		if live.Through > 0 {
			whole, recent = live.WholeResponse.Count(), live.Response.Count()
			if w := live.WholeResponse.Within([]time.Duration{0, 10 * time.Minute}); w[0] != 0 || w[1] != whole {
				t.Errorf("within nothing and all: %v of %d", w, whole)
			}
		}
		if p.Elapsed > 200*time.Millisecond && (p.Rate < 900 || p.Rate > 1100) && p.Elapsed < cfg.Duration.D() {
			t.Errorf("at %v the rate asked is %v", p.Elapsed, p.Rate)
		}
		last = p
	})
	if err != nil {
		t.Fatal(err)
	}
	if last.Completed < r.Requests.Completed/2 || last.Planned < r.Requests.Planned/2 || whole < recent || recent == 0 {
		t.Errorf("last %+v (%d, %d), result %+v", last, whole, recent, r.Requests)
	}
}
