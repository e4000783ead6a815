package processor

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tandem/store/fsx"
)

func testParts(t *testing.T, dir string, fsys fsx.FS) *parts {
	t.Helper()
	cfg := Config{Wiring: Wiring{FS: fsys, PartResults: 3, Now: time.Now}}.withDefaults()
	p, err := openParts(&cfg, dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func testJob(n byte) job { return job{Key: Key{n}, Digest: Digest{n}, Task: TextTask} }

func testOutcome(n byte) outcome {
	facts, _ := json.Marshal(docFacts{Title: string('a' + rune(n)), Text: string(bytes.Repeat([]byte{'x'}, 1000))})
	return outcome{Facts: facts, Fingerprint: bytes.Repeat([]byte{n}, 448)}
}

func addResults(t *testing.T, p *parts, from, to byte) {
	t.Helper()
	for n := from; n < to; n++ {
		o := testOutcome(n)
		if n == 1 {
			o = outcome{Failed: &failure{Reason: "memory", Signal: "killed", Attempts: 2}}
		}
		if err := p.add(testJob(n), o); err != nil {
			t.Fatal(err)
		}
	}
}

func checkResults(t *testing.T, p *parts, to byte) {
	t.Helper()
	for n := byte(0); n < to; n++ {
		at, ok := p.find(Key{n})
		if !ok || at.bad != (n == 1) {
			t.Fatalf("result %d: found %v, quarantined %v", n, ok, at.bad)
		}
		l, err := p.read(at)
		if err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			if l.Quarantine == nil || l.Quarantine.Reason != "memory" || l.Quarantine.Attempts != 2 {
				t.Errorf("quarantined: %+v", l.Quarantine)
			}
			continue
		}
		print, err := p.fingerprint(at)
		if want := testOutcome(n); err != nil || !bytes.Equal(print, want.Fingerprint) || !bytes.Equal(l.Result, want.Facts) || l.Key != (Key{n}).String() {
			t.Errorf("result %d: %v, %d bytes of fingerprint, %.60s", n, err, len(print), l.Result)
		}
	}
}

// TestParts writes, seals and reads back, with and without a crash.
func TestParts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := testParts(t, dir, fsx.OS())
	addResults(t, p, 0, 5) // one part is sealed, one is open
	checkResults(t, p, 5)
	if err := p.close(); err != nil { // as a crash would leave it
		t.Fatal(err)
	}
	p = testParts(t, dir, fsx.OS())
	checkResults(t, p, 5)
	addResults(t, p, 5, 7)
	if err := p.seal(); err != nil {
		t.Fatal(err)
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	p = testParts(t, dir, fsx.OS())
	defer p.close()
	checkResults(t, p, 7)
	if open, _ := filepath.Glob(filepath.Join(dir, "*"+openSuffix)); len(open) > 0 {
		t.Errorf("left open: %v", open)
	}
}

// TestTornPart cuts the open part at every byte of its last result: the results
// before are kept, and the torn one is gone.
func TestTornPart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := testParts(t, dir, fsx.OS())
	addResults(t, p, 0, 2)
	last, _ := p.find(Key{1})
	path := p.open.path + openSuffix
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := last.off; cut <= int64(len(whole)); cut += 7 {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		p := testParts(t, dir, fsx.OS())
		_, first := p.find(Key{0})
		_, second := p.find(Key{1})
		if !first || second != (cut == int64(len(whole))) {
			t.Errorf("cut at %d of %d: first %v, second %v", cut, len(whole), first, second)
		}
		if err := p.close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDiskFull fails writes: the run ends with the error, and the next one goes
// on where it was.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	for _, op := range []fsx.Op{fsx.OpWrite, fsx.OpSync, fsx.OpRename} {
		for _, n := range []int{3, 12} {
			cfg := testConfig(t, newRunDir(t))
			cfg.PartResults = 4
			cfg.FS = fsx.NewFault(fsx.OS(), fsx.FailNth(op, n, syscall.ENOSPC))
			p, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Run(t.Context()); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("%s %d failed: %v", op, n, err)
			}
			cfg.FS = nil
			if sum := mustRun(t, cfg); sum.Documents != corpusDocuments || sum.Images != corpusImages {
				t.Errorf("%s %d failed, next run: %d documents, %d images", op, n, sum.Documents, sum.Images)
			}
		}
	}
}

// FuzzWalkPart reads parts that anybody wrote.
func FuzzWalkPart(f *testing.F) {
	enc, _, err := newCodec()
	if err != nil {
		f.Fatal(err)
	}
	good := appendRecord(nil, kindResult, Key{1}, []byte("print"), enc.EncodeAll([]byte("{}\n"), nil))
	f.Add(appendRecord(good, kindQuarantine, Key{2}, nil, enc.EncodeAll([]byte("{}\n"), nil)))
	f.Add(good[:len(good)-3])
	f.Fuzz(func(t *testing.T, b []byte) {
		var sum int64
		end, err := walkPart(bytes.NewReader(b), int64(len(b)), true, func(off int64, h head) {
			if off != sum {
				t.Fatalf("result at %d, the one before ends at %d", off, sum)
			}
			sum += h.size()
		})
		if end != sum || end > int64(len(b)) || err == nil && end != int64(len(b)) {
			t.Fatalf("end %d of %d, results end at %d, %v", end, len(b), sum, err)
		}
	})
}

// FuzzOutcome reads outcomes that a broken worker sent.
func FuzzOutcome(f *testing.F) {
	b, err := appendOutcome(nil, outcome{Facts: []byte("{}"), Fingerprint: []byte{1}, Thumbnails: [][]byte{{2}, {3}}, Failed: &failure{Reason: "decode"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := decodeOutcome(b)
		if err != nil {
			return
		}
		again, err := appendOutcome(nil, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeOutcome(again); err != nil {
			t.Fatalf("decode of what was encoded: %v", err)
		}
	})
}
