package compare

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

// made is a report with every verdict in it, and with names and warnings as hostile as files can make them.
func made() *Report {
	a, b := short(1), short(2)
	a.Name, b.Name = "out/before", "out/<b>`|\x1b[2J\x00@all"
	b.URLs, b.Connections, b.Verdict, b.Reasons, b.State = []string{"http://evil/|\n<script>\x07"}, 20, "client-limited", []string{"the client used 97 % of its 2 cores"}, "interrupted"
	r := &Report{A: a, B: b, Confidence: 0.95, Tolerance: 0.05, FailedTolerance: 0.001, Resamples: 2000, Seed: 1, SlicesA: 60, SlicesB: 61, BlockA: 3.91, BlockB: 4.2}
	r.Metrics = []Metric{
		{Name: "response.p50", Unit: UnitMilliseconds, Better: "lower", Gate: true, A: 1.0234, B: 1.1339, Change: 0.10798, Interval: &Interval{0.0911, 0.1242}, Verdict: Worse},
		{Name: "response.p90", Unit: UnitMilliseconds, Better: "lower", A: 20.5, B: 12.25, Change: -0.4024, Interval: &Interval{-0.42, -0.39}, Verdict: Better},
		{Name: "response.p99", Unit: UnitMilliseconds, Better: "lower", Gate: true, A: 1234, B: 1240, Change: 0.00486, Interval: &Interval{-0.2, 0.31}, Verdict: Unclear,
			Reason: "the interval reaches beyond the tolerance", MoreSeconds: 140},
		{Name: "response.p99.9", Unit: UnitMilliseconds, Better: "lower", A: 0.05, B: 0.05, Verdict: Unclear, Reason: "too few samples: 12 of 12,000 lie beyond it, 20 are needed", MoreSeconds: 40},
		{Name: nameRate, Unit: UnitPerSecond, Better: "higher", Gate: true, A: 100, B: 99.5, Change: -0.005, Interval: &Interval{-0.01, 0.0002}, Verdict: Same},
		{Name: nameFailed, Unit: UnitFraction, Better: "lower", Gate: true, A: 0, B: 0.0312, Change: 0.0312, Interval: &Interval{0.02, 0.041}, Verdict: Worse},
		{Name: nameCPU, Unit: UnitMicroseconds, Better: "lower", A: 12.5, B: 13, Change: 0.04, Verdict: Info},
	}
	r.Warnings = warnings(a, b, false)
	r.Verdict = overall(r.Gates())
	r.Conclusion = r.conclude()
	return r
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites):\n%s", name, diff)
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	r := made()
	var md, plain, strict bytes.Buffer
	for _, err := range []error{r.Markdown(&md), r.JUnit(&plain, false), r.JUnit(&strict, true)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	js, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "report.md", md.Bytes())
	golden(t, "report.xml", plain.Bytes())
	golden(t, "strict.xml", strict.Bytes())
	golden(t, "report.json", append(js, '\n'))
	for name, text := range map[string]string{"markdown": md.String(), "junit": plain.String()} {
		if i := strings.IndexFunc(text, func(c rune) bool { return c < ' ' && c != '\n' || c == 0x7f || c == 0xfffd }); i >= 0 {
			t.Errorf("%s has the control byte %q at %d", name, text[i], i)
		}
	}
}

// TestJUnitCounts: the XML can be read, and its counts are those of its testcases.
func TestJUnitCounts(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{false, true} {
		var b bytes.Buffer
		if err := made().JUnit(&b, strict); err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Suites []struct {
				Name     string `xml:"name,attr"`
				Tests    int    `xml:"tests,attr"`
				Failures int    `xml:"failures,attr"`
				Errors   int    `xml:"errors,attr"`
				Skipped  int    `xml:"skipped,attr"`
				Cases    []struct {
					Name    string `xml:"name,attr"`
					Class   string `xml:"classname,attr"`
					Failure *struct {
						Type string `xml:"type,attr"`
					} `xml:"failure"`
					Skipped *struct{} `xml:"skipped"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		s := doc.Suites[0]
		failures, skipped := 0, 0
		for _, c := range s.Cases {
			if c.Name == "" || c.Class == "" || c.Failure != nil && c.Failure.Type == "" {
				t.Errorf("testcase %+v lacks what the schemas want", c)
			}
			if c.Failure != nil {
				failures++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		want := [2]int{2, 2}
		if strict {
			want = [2]int{3, 1}
		}
		if got := [2]int{failures, skipped}; got != want || s.Failures != failures || s.Skipped != skipped || s.Tests != len(s.Cases) || s.Errors != 0 {
			t.Errorf("strict %v: %v failures and skipped, want %v; counted %+v", strict, got, want, s)
		}
	}
}

// TestDecide: the interval's place makes the verdict.
func TestDecide(t *testing.T) {
	t.Parallel()
	cfg := Default()
	c := usual()
	c.seconds = 20
	rng := rand.New(rand.NewPCG(1, 1))
	j := &judge{cfg: &cfg, plan: newPlan(newSide(c.run(rng, "a"), c.run(rng, "a").Slices), newSide(c.run(rng, "b"), c.run(rng, "b").Slices), false)}
	for _, c := range []struct {
		better    string
		low, high float64
		want      Verdict
	}{
		{"lower", 0.051, 0.2, Worse}, {"higher", 0.051, 0.2, Better}, {"lower", -0.3, -0.051, Better}, {"higher", -0.3, -0.051, Worse},
		{"lower", -0.05, 0.05, Same}, {"lower", 0.01, 0.04, Same}, {"lower", 0.02, 0.08, Unclear}, {"lower", -0.2, 0.2, Unclear}, {"higher", -0.08, -0.02, Unclear},
	} {
		m := Metric{Name: "response.p50", Better: c.better, Change: (c.low + c.high) / 2, Interval: &Interval{c.low, c.high}, Verdict: Unclear}
		j.decide(&m)
		if m.Verdict != c.want || (m.Reason != "") != (c.want == Unclear) {
			t.Errorf("%+v: %s %q", c, m.Verdict, m.Reason)
		}
	}
	// [−5 %, +9 %] around 2 %: the half width of 7 % has to become 3 %, which takes (7/3)² as long.
	m := Metric{Name: "response.p50", Better: "lower", Change: 0.02, Interval: &Interval{-0.05, 0.09}}
	j.decide(&m)
	near(t, "seconds more", m.MoreSeconds, 20*(49.0/9-1), 1)
	m = Metric{Name: "response.p50", Better: "lower", Change: 0.05, Interval: &Interval{0, 0.1}}
	if j.decide(&m); m.MoreSeconds != 0 || !strings.Contains(m.Reason, "50 times as long") {
		t.Errorf("a change that is the tolerance: %+v", m)
	}
}

// TestFailed: no failure among few requests is not yet the same; among many it is; a burst in one second is no steady rate.
func TestFailed(t *testing.T) {
	t.Parallel()
	verdict := func(requests int, failed func(second int) int64) Metric {
		c := usual()
		c.seconds, c.requests = 30, requests
		rng := rand.New(rand.NewPCG(8, 8))
		a, b := c.run(rng, "a"), c.run(rng, "b")
		for i := range b.Slices {
			b.Slices[i].Failed = failed(i)
		}
		r, err := Compare(a, b, Default())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range r.Metrics {
			if m.Name == nameFailed {
				return m
			}
		}
		return Metric{}
	}
	none := func(int) int64 { return 0 }
	if m := verdict(20, none); m.Verdict != Unclear || m.MoreSeconds < 100 || m.MoreSeconds > 300 || m.Interval.High < 0.004 || m.Interval.High > 0.01 {
		t.Errorf("0 of 600: %+v %+v, want unclear with an upper end of 3.7/600", m, m.Interval)
	}
	if m := verdict(500, none); m.Verdict != Same {
		t.Errorf("0 of 15,000: %+v %+v", m, m.Interval)
	}
	if m := verdict(200, func(int) int64 { return 4 }); m.Verdict != Worse {
		t.Errorf("2 %% in every second: %+v %+v", m, m.Interval)
	}
	burst := func(i int) int64 { return map[bool]int64{true: 120}[i == 7] }
	if m := verdict(200, burst); m.Verdict != Unclear {
		t.Errorf("2 %%, all in one second: %+v %+v", m, m.Interval)
	}
}

// TestWarnings: apples and pears are named.
func TestWarnings(t *testing.T) {
	t.Parallel()
	a, b := short(1), short(2)
	b.Started = b.Started.Add(1)
	if list := warnings(a, b, false); len(list) != 0 {
		t.Errorf("two alike: %q", list)
	}
	b.Loop, b.Rate, b.Connections, b.Method, b.Engine, b.URLs, b.State = "closed", 0, 11, "HEAD", "fast", []string{"x"}, "interrupted"
	b.Verdict, b.Reasons, b.Slices, b.Schedule, b.Pipeline, b.Targets, b.Streams = "client-limited", []string{"because"}, b.Slices[:4], "stages", 16, 3, 4
	text := strings.Join(warnings(a, b, false), "\n")
	for _, want := range []string{"loops differ: A open, B closed", "rates", "connections", "methods", "engines", "targets differ", "interrupted", "client-limited", "because",
		"4 slices", "schedules", "pipelined", "streams", "numbers of targets"} {
		if !strings.Contains(text, want) {
			t.Errorf("no warning about %q in:\n%s", want, text)
		}
	}
	if list := warnings(a, a, false); len(list) != 1 || !strings.Contains(list[0], "same run") {
		t.Errorf("a run with itself: %q", list)
	}
}

// TestReproducible: the same seed gives the same report, another one nearly.
func TestReproducible(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 4))
	a, b := usual().run(rng, "a"), usual().run(rng, "b")
	report := func(seed uint64) *Report {
		cfg := Default()
		cfg.Seed = seed
		r, err := Compare(a, b, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if diff := cmp.Diff(report(1), report(1)); diff != "" {
		t.Errorf("the same seed:\n%s", diff)
	}
	one, two := report(1).Metrics[0].Interval, report(2).Metrics[0].Interval
	if *one == *two {
		t.Error("another seed changed nothing")
	}
	near(t, "low", two.Low, one.Low, 0.005)
	near(t, "high", two.High, one.High, 0.005)
}

// TestConfig: everything wrong is named at once.
func TestConfig(t *testing.T) {
	t.Parallel()
	cfg := Config{Confidence: 1, Tolerance: -1, FailedTolerance: 2, Resamples: 1, Gates: []string{"response.p98", "service.p99_9"}}
	err := cfg.Validate()
	if err == nil || len(strings.Split(err.Error(), "\n")) != 5 || !strings.Contains(err.Error(), `"response.p98"`) || strings.Contains(err.Error(), `"service.p99_9"`) {
		t.Errorf("error %v", err)
	}
	if d := Default(); d.Validate() != nil {
		t.Error(d.Validate())
	}
}

// TestTurns: several short runs become one with a slice each.
func TestTurns(t *testing.T) {
	t.Parallel()
	a, b := short(1), short(2)
	b.Verdict = "client-limited"
	r := Turns("url", []*Run{a, b})
	if len(r.Slices) != 2 || r.Completed != a.Completed+b.Completed || r.Slices[1].Response.total() != b.Completed || r.Slices[0].Length != 6 || r.CPU != a.CPU+b.CPU {
		t.Errorf("%+v", r)
	}
	if r.Verdict != "client-limited" || len(r.Reasons) != 1 || r.Reasons[0] != "client-limited in 1 of 2 turns" {
		t.Errorf("verdict %s, %q", r.Verdict, r.Reasons)
	}
	if _, err := Paired(r, short(3), Default()); err == nil {
		t.Error("2 and 6 slices are no pairs")
	}
}
