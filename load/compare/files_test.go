package compare

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// file is r as a load.json.
func file(t testing.TB, r *Run) map[string]any {
	t.Helper()
	var series []map[string]any
	for i, s := range r.Slices {
		one := map[string]any{"t": i, "length_s": s.Length, "planned": s.Completed + s.Failed + s.Dropped, "sent": s.Completed, "completed": s.Completed,
			"failed": s.Failed, "bytes_in": 1, "service": encoded(t, s.Service)}
		if r.Loop == "open" {
			one["response"] = encoded(t, s.Response)
		}
		series = append(series, one)
	}
	return map[string]any{
		"state": r.State, "engine": r.Engine, "loop": r.Loop, "urls": r.URLs, "method": r.Method, "started": r.Started, "connections": r.Connections,
		"rate": r.Rate, "duration_s": r.Duration, "series": series,
		"requests": map[string]any{"planned": r.Completed + r.Failed + r.Dropped, "sent": r.Completed, "completed": r.Completed, "failed": r.Failed, "dropped": r.Dropped},
		"client":   map[string]any{"cpu_s": r.CPU, "verdict": r.Verdict, "reasons": r.Reasons},
	}
}

func encoded(t testing.TB, times Times) string {
	t.Helper()
	h := hdrhistogram.New(1, 600_000_000, 3)
	for _, b := range times {
		if err := h.RecordValues(int64(b.Low+0.5), b.Count); err != nil {
			t.Fatal(err)
		}
	}
	text, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// short is a small run, open loop.
func short(seed uint64) *Run {
	c := usual()
	c.seconds, c.requests = 6, 50
	r := c.run(rand.New(rand.NewPCG(seed, 1)), "a")
	r.Loop, r.Rate = "open", 50
	for i := range r.Slices {
		for k := range r.Slices[i].Response { // as a histogram of whole microseconds has them
			b := &r.Slices[i].Response[k]
			b.Low, b.High = b.Low+grain/2-0.5, b.Low+grain/2+0.5
		}
		r.Slices[i].Service = r.Slices[i].Response
	}
	return r
}

// TestOpen reads a file, a directory with one, and a run directory.
func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	want := short(1)
	if err := os.MkdirAll(filepath.Join(dir, "out", "load"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "out", "load", "load.json")
	if err := os.WriteFile(path, marshal(t, file(t, want)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, filepath.Dir(path), filepath.Join(dir, "out")} {
		got, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if got.Name != name || got.Completed != want.Completed || len(got.Slices) != 6 || got.Rate != 50 || !got.Started.Equal(want.Started) {
			t.Errorf("%s: read %+v", name, got)
		}
		for i, s := range got.Slices {
			if s.Response.total() != want.Slices[i].Response.total() || s.Completed != want.Slices[i].Completed {
				t.Errorf("slice %d: %d samples", i, s.Response.total())
			}
			near(t, "mean", s.Response.mean(), want.Slices[i].Response.mean(), 2)
		}
	}
	for _, name := range []string{dir, filepath.Join(dir, "none.json")} {
		_, err := Open(name)
		var e *Error
		if !errors.As(err, &e) || e.Name != name || e.Hint == "" {
			t.Errorf("%s: error %v, want one that names it, with a hint", name, err)
		}
	}
}

// TestClosedLoopHasOneHistogram: where the response is left out it is the service.
func TestClosedLoopHasOneHistogram(t *testing.T) {
	t.Parallel()
	want := short(2)
	want.Loop, want.Rate = "closed", 0
	got, err := Parse("x", bytes.NewReader(marshal(t, file(t, want))))
	if err != nil {
		t.Fatal(err)
	}
	if got.Slices[3].Response.total() == 0 || got.Slices[3].Response.mean() != got.Slices[3].Service.mean() {
		t.Errorf("response of %d samples", got.Slices[3].Response.total())
	}
}

// TestDropped: planned requests that nobody ever sent are put where they were planned, and none where the answer came late.
func TestDropped(t *testing.T) {
	t.Parallel()
	r := short(3)
	doc := file(t, r)
	series := doc["series"].([]map[string]any)
	ended := func(i int) int64 { return r.Slices[i].Completed }
	for i := range series {
		series[i]["planned"] = ended(i)
	}
	series[1]["planned"] = ended(1) + 30 // late
	series[2]["planned"] = ended(2) - 30 // answered here
	series[4]["planned"] = ended(4) + 12 // never sent
	doc["requests"].(map[string]any)["dropped"] = 12
	got, err := Parse("x", bytes.NewReader(marshal(t, doc)))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int64{0, 0, 0, 0, 12, 0} {
		if got.Slices[i].Dropped != want {
			t.Errorf("slice %d: %d dropped, want %d", i, got.Slices[i].Dropped, want)
		}
	}
}

// geometry is a histogram that claims to be of this range and precision.
func geometry(t *testing.T, digits uint32, highest uint64) string {
	t.Helper()
	var inner bytes.Buffer
	z := zlib.NewWriter(&inner)
	head := make([]byte, 40)
	binary.BigEndian.PutUint32(head, 0x1c849313)
	binary.BigEndian.PutUint32(head[12:], digits)
	binary.BigEndian.PutUint64(head[16:], 1)
	binary.BigEndian.PutUint64(head[24:], highest)
	if _, err := z.Write(head); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	outer := make([]byte, 8, 8+inner.Len())
	binary.BigEndian.PutUint32(outer, 0x1c849314)
	binary.BigEndian.PutUint32(outer[4:], uint32(inner.Len()))
	return base64.StdEncoding.EncodeToString(append(outer, inner.Bytes()...))
}

// TestRefused: what is no load result, or a damaged one, is refused with its name and the way out.
func TestRefused(t *testing.T) {
	t.Parallel()
	good := short(4)
	with := func(change func(doc map[string]any, first map[string]any)) string {
		doc := file(t, good)
		change(doc, doc["series"].([]map[string]any)[0])
		return string(marshal(t, doc))
	}
	text := encoded(t, good.Slices[0].Service)
	for name, c := range map[string]struct{ input, want string }{
		"empty":       {"", "no load result"},
		"text":        {"hello", "no load result"},
		"array":       {"[]", "no load result"},
		"other":       {`{"state":"complete","pages":3}`, `"requests" and "loop" are missing`},
		"cut":         {string(marshal(t, file(t, good)))[:500], "no load result"},
		"no series":   {with(func(d, _ map[string]any) { delete(d, "series") }), `no "series"`},
		"null series": {with(func(d, _ map[string]any) { d["series"] = nil }), `no "series"`},
		"no answer":   {with(func(d, _ map[string]any) { d["requests"].(map[string]any)["completed"] = 0 }), "no request was answered"},
		"failed":      {with(func(d, _ map[string]any) { d["state"] = "failed" }), "no request was answered"},
		"negative":    {with(func(_, f map[string]any) { f["failed"] = -1 }), "series[0]: a count of -1"},
		"fraction":    {with(func(_, f map[string]any) { f["failed"] = 0.5 }), "no load result"},
		"no length":   {with(func(_, f map[string]any) { delete(f, "length_s") }), "series[0]: length_s 0"},
		"long":        {with(func(_, f map[string]any) { f["length_s"] = 1e300 }), "length_s"},
		"no base64":   {with(func(_, f map[string]any) { f["service"] = "%%%" }), "no base64"},
		"short":       {with(func(_, f map[string]any) { f["service"] = "HIST" }), "ends in its header"},
		"truncated":   {with(func(_, f map[string]any) { f["response"] = text[:len(text)/2/4*4] }), "series[0]: response"},
		"not zlib":    {with(func(_, f map[string]any) { f["service"] = base64.StdEncoding.EncodeToString(make([]byte, 99)) }), "not compressed"},
		"digits":      {with(func(_, f map[string]any) { f["service"] = geometry(t, 5, 1<<62) }), "with 5 digits"},
		"wide":        {with(func(_, f map[string]any) { f["service"] = geometry(t, 3, 1<<62) }), "want microseconds up to"},
		"huge":        {with(func(_, f map[string]any) { f["service"] = strings.Repeat("A", maxText+4) }), "want at most"},
		"rate":        {with(func(d, _ map[string]any) { d["rate"] = -1 }), "out of range"},
		"empty histograms": {with(func(d, _ map[string]any) {
			for _, s := range d["series"].([]map[string]any) {
				delete(s, "service")
				delete(s, "response")
			}
		}), "are empty"},
	} {
		_, err := Parse("some.json", strings.NewReader(c.input))
		var e *Error
		if !errors.As(err, &e) || e.Hint == "" || !strings.Contains(err.Error(), `"some.json"`) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q, the name and a hint", name, err, c.want)
		}
	}
	whole := marshal(t, file(t, good))
	if _, err := parse("x", bytes.NewReader(whole), int64(len(whole))); err != nil {
		t.Errorf("a file of just the size that is read: %v", err)
	}
	if _, err := parse("x", bytes.NewReader(whole), int64(len(whole)/2)); err == nil || !strings.Contains(err.Error(), "the file has more than") {
		t.Errorf("a file of twice the size that is read: error %v", err)
	}
}

// FuzzParse: no input makes the reader panic, and what it takes can be compared with itself.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"loop":"open","requests":{"completed":1},"series":[{"length_s":1,"completed":1,"service":""}]}`))
	f.Add(marshal(f, file(f, short(5))))
	cfg := Default()
	cfg.Resamples = 100
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse("fuzz", bytes.NewReader(data))
		if err != nil {
			return
		}
		report, err := Compare(r, r, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(report); err != nil {
			t.Fatal(err)
		}
	})
}
