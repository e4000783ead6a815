package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func testRecord(i int) *Record {
	h := NewHeader(TypeResource, fmt.Sprintf("urn:uuid:00000000-0000-4000-8000-%012d", i), time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC))
	h.Add("WARC-Target-URI", fmt.Sprintf("http://example.com/%d", i))
	h.Add("Content-Type", "text/plain")
	return &Record{Header: h, Block: []byte(strings.Repeat(fmt.Sprintf("line of record %d\r\n", i), 20+i))}
}

// testFile returns three records as a file and where the writer says they are.
func testFile(t testing.TB, layout string) ([]byte, []Position) {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, EncoderConfig{Compression: compressionOf(layout)})
	if err != nil {
		t.Fatal(err)
	}
	pos, err := w.Write(testRecord(1), testRecord(2), testRecord(3))
	if err != nil {
		t.Fatal(err)
	}
	switch layout {
	case "shared":
		return pack(t, out.Bytes()), negated(pos)
	case "shared frame":
		return packFrame(t, out.Bytes()), negated(pos)
	}
	return out.Bytes(), pos
}

// layouts are all that files are read in, the last two only read.
var layouts = []string{"plain", "members", "frames", "shared", "shared frame"}

func compressionOf(layout string) Compression {
	return map[string]Compression{"members": Gzip, "frames": Zstd}[layout].orNone()
}

func (c Compression) orNone() Compression {
	if c == "" {
		return None
	}
	return c
}

func negated(pos []Position) []Position {
	for i := range pos {
		pos[i].Length = -pos[i].Length
	}
	return pos
}

func packFrame(t testing.TB, b []byte, options ...zstd.EOption) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil, append([]zstd.EOption{zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return e.EncodeAll(b, nil)
}

func pack(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	gz := gzip.NewWriter(&out)
	if _, err := gz.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type seen struct {
	URI    string
	Block  string
	At     Position
	Damage string
}

func readAll(t testing.TB, file []byte, limits Limits) []seen {
	t.Helper()
	var got []seen
	r := NewReader(bytes.NewReader(file), "f.warc", limits)
	for range len(file) + 2 {
		rec, err := r.Next()
		if err == io.EOF {
			return got
		}
		var damage *DamageError
		switch {
		case errors.As(err, &damage):
			got = append(got, seen{Damage: damage.Err.Error(), At: Position{damage.Offset, damage.End - damage.Offset}})
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, seen{URI: rec.Header.Get("WARC-Target-URI"), Block: string(rec.Block), At: rec.Position})
		}
	}
	t.Fatal("the reader does not come to an end")
	return nil
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for _, layout := range layouts {
		t.Run(layout, func(t *testing.T) {
			t.Parallel()
			file, pos := testFile(t, layout)
			var want []seen
			for i, p := range pos {
				rec := testRecord(i + 1)
				want = append(want, seen{URI: rec.Header.Get("warc-target-uri"), Block: string(rec.Block), At: p})
			}
			if diff := cmp.Diff(want, readAll(t, file, Limits{})); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
			for i, p := range pos {
				rec, err := ReadAt(bytes.NewReader(file), p, Limits{})
				if err != nil {
					t.Fatal(err)
				}
				if string(rec.Block) != want[i].Block || rec.Position != p || rec.Type() != TypeResource {
					t.Errorf("record %d read at %v differs", i, p)
				}
			}
		})
	}
}

func TestReadAtKnowsItsRecord(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{"members", "frames"} {
		t.Run(layout, func(t *testing.T) { readAtKnowsItsRecord(t, layout) })
	}
}

func readAtKnowsItsRecord(t *testing.T, layout string) {
	file, pos := testFile(t, layout)
	if rec, err := ReadAt(bytes.NewReader(file), Position{Offset: pos[1].Offset}, Limits{}); err != nil || rec.Position != pos[1] {
		t.Errorf("without a length: %v, %v", rec, err)
	}
	for name, p := range map[string]Position{
		"offset inside":   {pos[1].Offset + 3, pos[1].Length},
		"length too less": {pos[1].Offset, pos[1].Length - 1},
		"end of file":     {int64(len(file)), 100},
		"negative":        {-1, 100},
	} {
		if _, err := ReadAt(bytes.NewReader(file), p, Limits{}); err == nil || err == io.EOF {
			t.Errorf("%s: error = %v, want one that names the place", name, err)
		}
	}
}

func TestDamageKeepsTheRest(t *testing.T) {
	t.Parallel()
	type test struct {
		name, layout string
		harm         func(b []byte, second Position) []byte
		want         []int // records left
	}
	flip := func(at int64) func([]byte, Position) []byte {
		return func(b []byte, p Position) []byte { b[p.Offset+at] ^= 0xff; return b }
	}
	replace := func(old, new string) func([]byte, Position) []byte {
		return func(b []byte, p Position) []byte {
			end := p.Offset + max(p.Length, -p.Length)
			return append(append(b[:p.Offset:p.Offset], bytes.Replace(b[p.Offset:end], []byte(old), []byte(new), 1)...), b[end:]...)
		}
	}
	insert := func(s string) func([]byte, Position) []byte {
		return func(b []byte, p Position) []byte {
			return append(append(b[:p.Offset:p.Offset], s...), b[p.Offset:]...)
		}
	}
	tests := []test{
		{"gzip magic", "members", flip(0), []int{1, 3}},
		{"deflate data", "members", flip(60), []int{1, 3}},
		{"garbage between", "members", insert("\x00garbage\r\nWARC/1.1\r\n"), []int{1, 2, 3}},
		{"half a member", "members", func(b []byte, p Position) []byte {
			return append(b[:p.Offset+p.Length/2:p.Offset+p.Length/2], b[p.Offset+p.Length:]...)
		}, []int{1, 3}},
		{"magic", "frames", flip(0), []int{1, 3}},
		{"block", "frames", flip(60), []int{1, 3}},
		{"checksum", "frames", func(b []byte, p Position) []byte { b[p.Offset+p.Length-1] ^= 0xff; return b }, []int{1, 3}},
		{"garbage between", "frames", insert("\x00garbage\r\nWARC/1.1\r\n\x1f\x8b\x08"), []int{1, 2, 3}},
		{"half a frame", "frames", func(b []byte, p Position) []byte {
			return append(b[:p.Offset+p.Length/2:p.Offset+p.Length/2], b[p.Offset+p.Length:]...)
		}, []int{1, 3}},
		{"skippable frame beyond the end", "frames", insert("\x50\x2a\x4d\x18\xff\xff\xff\x7f"), []int{1, 2, 3}},
		{"cut", "frames", func(b []byte, p Position) []byte { return b[:p.Offset+p.Length-1] }, []int{1}},
		{"version line", "plain", replace("WARC/1.1", "WORC/1.1"), []int{1, 3}},
		{"no length", "plain", replace("Content-Length", "Content-Lentgh"), []int{1, 3}},
		{"length too long", "plain", replace("Content-Length: ", "Content-Length: 1"), []int{1, 3}},
		{"length too short", "plain", replace("line of", "line of of"), []int{1, 3}},
		{"hex length", "plain", replace("Content-Length: ", "Content-Length: 0x"), []int{1, 3}},
		{"garbage between", "plain", insert("garbage\n"), []int{1, 2, 3}},
		{"line ends between", "plain", insert("\r\n\n\n\r\n"), []int{1, 2, 3}},
		{"cut", "plain", func(b []byte, p Position) []byte { return b[:p.Offset+p.Length-10] }, []int{1}},
		{"cut", "members", func(b []byte, p Position) []byte { return b[:p.Offset+p.Length-1] }, []int{1}},
	}
	for _, tt := range tests {
		t.Run(tt.layout+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			file, pos := testFile(t, tt.layout)
			got := readAll(t, tt.harm(bytes.Clone(file), pos[1]), Limits{})
			var left []int
			damages := 0
			for _, s := range got {
				if s.Damage != "" {
					damages++
					if s.At.Offset != pos[1].Offset && s.At.Offset != pos[1].Offset+8 || s.At.Length <= 0 {
						t.Errorf("damage at %v, want it at %v", s.At, pos[1])
					}
					continue
				}
				var n int
				fmt.Sscanf(s.URI, "http://example.com/%d", &n)
				left = append(left, n)
				if s.Block != string(testRecord(n).Block) {
					t.Errorf("record %d changed", n)
				}
			}
			if diff := cmp.Diff(tt.want, left); diff != "" {
				t.Errorf("records left (-want +got):\n%s\n%v", diff, got)
			}
			if tt.name != "line ends between" && damages != 1 {
				t.Errorf("%d damages reported, want 1", damages)
			}
		})
	}
}

func TestDamageInsideASharedMember(t *testing.T) {
	t.Parallel()
	plain, _ := testFile(t, "plain")
	file := pack(t, bytes.Replace(plain, []byte("Content-Length: 3"), []byte("Content-Length: -"), 1))
	got := readAll(t, file, Limits{})
	if len(got) != 3 || got[0].Damage == "" || got[1].URI != "http://example.com/2" || got[2].URI != "http://example.com/3" {
		t.Errorf("got %v", got)
	}
	rec, err := ReadAt(bytes.NewReader(file), got[1].At, Limits{})
	if err != nil || string(rec.Block) != got[1].Block {
		t.Errorf("record behind the damage: %v, %v", rec, err)
	}
}

func TestLimitsHold(t *testing.T) {
	t.Parallel()
	for _, layout := range layouts {
		file, _ := testFile(t, layout)
		got := readAll(t, file, Limits{MaxBlock: int64(len(testRecord(2).Block)) - 1})
		if len(got) != 3 || got[0].Damage != "" || !strings.Contains(got[1].Damage, "size limit") || got[2].Damage == "" {
			t.Errorf("%s: block limit: %v", layout, got)
		}
		got = readAll(t, file, Limits{MaxHeader: 100})
		for _, s := range got {
			if !strings.Contains(s.Damage, "size limit") {
				t.Errorf("%s: header limit: %v", layout, s)
			}
		}
	}
}

func TestEncoderRefusesWhatBreaksAHeader(t *testing.T) {
	t.Parallel()
	for _, f := range []Field{
		{"WARC-Target-URI", "http://a/\r\nWARC-Type: response"},
		{"WARC-Target-URI", "http://a/\nx"},
		{"WARC-Target-URI", "http://a/\x00"},
		{"X Y", "v"}, {"X:Y", "v"}, {"", "v"}, {"X\r\nY", "v"},
	} {
		e, err := NewEncoder(EncoderConfig{})
		if err != nil {
			t.Fatal(err)
		}
		r := testRecord(1)
		r.Header.Add(f.Name, f.Value)
		dst := bytes.NewBufferString("before")
		if _, err := e.Encode(dst, r); !errors.Is(err, ErrHeader) || dst.String() != "before" {
			t.Errorf("%q: error = %v, buffer %q", f, err, dst)
		}
	}
}

type failingWriter struct{ err error }

func (w *failingWriter) Write(p []byte) (int, error) { return len(p) / 2, w.err }

func TestWriterStopsAfterAFailedWrite(t *testing.T) {
	t.Parallel()
	out := &failingWriter{err: errors.New("disk full")}
	w, err := NewWriter(out, EncoderConfig{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(testRecord(1))
	out.err = nil
	if _, again := w.Write(testRecord(2)); err == nil || again != err {
		t.Errorf("errors %v, then %v", err, again)
	}
}

// TestEveryCut makes sure that a file cut anywhere gives the records before the cut and not one more.
func TestEveryCut(t *testing.T) {
	t.Parallel()
	for _, layout := range []string{"plain", "members", "frames"} {
		file, pos := testFile(t, layout)
		for size := range len(file) {
			want := 0
			for _, p := range pos {
				end := p.Offset + p.Length
				if layout == "plain" {
					end -= 4 // the end of the file will do for the empty lines
				}
				if int64(size) >= end {
					want++
				}
			}
			got := 0
			for _, s := range readAll(t, file[:size], Limits{}) {
				if s.Damage == "" {
					got++
					if s.At.Length < 0 {
						t.Errorf("%s cut at %d: record at %v shares its member", layout, size, s.At)
					}
				}
			}
			if got != want {
				t.Errorf("%s cut at %d: %d records, want %d", layout, size, got, want)
			}
		}
	}
}

func TestMoreLineEndsThanTwo(t *testing.T) {
	t.Parallel()
	plain, pos := testFile(t, "plain")
	one := append(pack(t, append(plain[:pos[0].Length:pos[0].Length], "\r\n\n"...)), pack(t, plain[pos[1].Offset:])...)
	got := readAll(t, one, Limits{})
	if len(got) != 3 || got[0].At.Offset != 0 || got[0].At.Length <= 0 || got[1].At.Length >= 0 {
		t.Fatalf("got %v", got)
	}
	for _, s := range got {
		if rec, err := ReadAt(bytes.NewReader(one), s.At, Limits{}); err != nil || string(rec.Block) != s.Block {
			t.Errorf("record at %v reads differently: %v", s.At, err)
		}
	}
}

func TestNewID(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	ids := map[string]bool{}
	for range 1000 {
		id := NewID()
		if !form.MatchString(id) || ids[id] {
			t.Fatalf("id %q", id)
		}
		ids[id] = true
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	b := AppendFields(nil, []Field{{"software", "x\r\nevil: 1"}, {"bad name", "v"}, {"run", "r"}})
	if got, want := string(b), "software: x  evil: 1\r\nrun: r\r\n"; got != want {
		t.Errorf("block %q, want %q", got, want)
	}
	want := Header{{"a", "1 2"}, {"b", "3:4"}}
	if diff := cmp.Diff(want, ParseFields([]byte(" lost\r\na: 1\r\n  2\r\nnonsense\r\nb:3:4\r\n\r\nc: 5"))); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func FuzzReader(f *testing.F) {
	for _, layout := range layouts {
		file, pos := testFile(f, layout)
		f.Add(file)
		f.Add(file[:len(file)-7])
		if pos[1].Length > 0 {
			f.Add(file[pos[1].Offset+1:])
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		limits := Limits{MaxHeader: 4 << 10, MaxBlock: 64 << 10}
		for _, s := range readAll(t, file, limits) {
			if s.Damage != "" {
				if s.At.Length < 0 || s.At.Offset+s.At.Length > int64(len(file)) {
					t.Errorf("damage outside the file: %v", s)
				}
				continue
			}
			rec, err := ReadAt(bytes.NewReader(file), s.At, limits)
			if err != nil || string(rec.Block) != s.Block {
				t.Errorf("record at %v reads differently: %v", s.At, err)
			}
		}
	})
}
