package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tandem/store/fsx"
	"tandem/store/warc"
)

var errInjected = errors.New("injected fault")

// session is a short life of an archive: open, append, sync, seal, append, close, merge. It stops at nothing, as a caller that only
// logs would, and returns what was appended, what was synced, and all errors.
func session(cfg WriterConfig, from int) (appended, synced []string, errs []error) {
	note := func(err error) bool {
		if err != nil {
			errs = append(errs, err)
		}
		return err == nil
	}
	w, err := OpenWriter(cfg)
	if !note(err) {
		return nil, nil, errs
	}
	for i := from; i < from+6; i++ {
		x := page(i)
		if _, err := w.Append(x); note(err) {
			appended = append(appended, x.URL)
		}
		switch i - from {
		case 1, 4:
			if note(w.Sync()) {
				synced = slices.Clone(appended)
			}
		case 2:
			note(w.Seal())
		}
	}
	if note(w.Close()) {
		synced = slices.Clone(appended)
	}
	note(w.MergeIndex())
	return appended, synced, errs
}

// TestEveryChangeFailsOnce makes each create, write, sync, rename, remove and truncate of a session fail in turn.
func TestEveryChangeFailsOnce(t *testing.T) {
	t.Parallel()
	for _, c := range packings {
		everyChangeFailsOnce(t, c)
	}
}

func everyChangeFailsOnce(t *testing.T, c warc.Compression) {
	for _, start := range []string{"fresh", "after a crash"} {
		prepare := func(dir string) []string {
			if start == "fresh" {
				return nil
			}
			from, sealed, open, _ := crashed(t, c)
			copyDir(t, from, dir)
			name := filepath.Join(dir, segmentName(2, c)+OpenSuffix)
			b, err := os.ReadFile(name)
			mustDo(t, "read", err)
			mustDo(t, "tear", os.WriteFile(name, append(b, "\x1f\x8b torn"...), 0o644))
			mustDo(t, "tear", os.Remove(filepath.Join(dir, "000001.cdxj")))
			return urlsOf(append(sealed, open...)...)
		}
		probe := filepath.Join(t.TempDir(), "a")
		prepare(probe)
		counter := fsx.NewFault(quick{fsx.OS()}, nil)
		cfg := packedConfig(probe, c)
		cfg.FS = counter
		if _, _, errs := session(cfg, 100); len(errs) > 0 {
			t.Fatal(errs)
		}
		for i, call := range counter.Calls() {
			if !call.Op.Mutates() {
				continue
			}
			faults := []error{errInjected}
			if call.Op == fsx.OpWrite {
				faults = append(faults, &fsx.ShortWrite{N: call.Size / 2, Err: errInjected}, &fsx.ShortWrite{N: call.Size - 1, Err: errInjected})
			}
			for _, fault := range faults {
				name := fmt.Sprintf("%s/%s/call %d/%s %s/%v", c, start, i, call.Op, filepath.Base(call.Name), fault)
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					dir := filepath.Join(t.TempDir(), "a")
					before := prepare(dir)
					failOnce(t, packedConfig(dir, c), before, call, fault)
				})
			}
		}
	}
}

func failOnce(t *testing.T, cfg WriterConfig, before []string, call fsx.Call, fault error) {
	dir := cfg.Dir
	cfg.FS = fsx.NewFault(quick{fsx.OS()}, fsx.FailNth(call.Op, call.Seq, fault))
	appended, synced, errs := session(cfg, 100)
	all := errors.Join(errs...)
	if !errors.Is(all, errInjected) || !strings.Contains(all.Error(), filepath.Base(call.Name)) {
		t.Errorf("errors %v do not name the fault and %s", errs, filepath.Base(call.Name))
	}
	if _, err := os.Stat(filepath.Join(dir, ManifestFile)); err == nil {
		if _, err := ReadManifest(fsx.OS(), dir); err == nil || !errors.Is(err, ErrTornLine) {
			checkListed(t, dir)
		}
	}
	cfg.FS = quick{fsx.OS()}
	more, _, errs := session(cfg, 200)
	if len(errs) > 0 {
		t.Fatalf("the archive does not go on: %v", errs)
	}
	got := checkArchive(t, dir)
	for _, url := range slices.Concat(before, synced, more) {
		if _, ok := slices.BinarySearch(got, url); !ok {
			t.Errorf("%s was synced and is lost", url)
		}
	}
	if n := len(slices.Compact(slices.Clone(got))); n != len(got) {
		t.Errorf("a page is stored twice: %v", got)
	}
	if len(got) > len(before)+len(more)+6 || len(got) < len(before)+len(more)+len(appended) {
		t.Errorf("%d pages; %d before, %d appended, %d after", len(got), len(before), len(appended), len(more))
	}
}

// checkListed checks that what the manifest lists right after the fault is there and whole, whatever else lies about.
func checkListed(t *testing.T, dir string) {
	segments, err := ReadManifest(fsx.OS(), dir)
	mustDo(t, "manifest", err)
	for _, s := range segments {
		found, err := scanSegment(fsx.OS(), filepath.Join(dir, s.Segment), s.Segment, true)
		if err != nil || found.damage != nil || found.cut != s.Bytes {
			t.Errorf("listed segment %s is not whole: %v %+v", s.Segment, err, found)
		}
	}
}

func TestABrokenWriterSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := testConfig(dir)
	cfg.FS = fsx.NewFault(quick{fsx.OS()}, fsx.FailNth(fsx.OpSync, 1, errInjected))
	w := mustOpen(t, cfg)
	mustAppend(t, w, page(1))
	if err := w.Sync(); !errors.Is(err, errInjected) || !strings.Contains(err.Error(), "000001.warc.gz") {
		t.Errorf("sync: %v", err)
	}
	_, err := w.Append(page(2))
	for what, err := range map[string]error{"append": err, "sync": w.Sync(), "seal": w.Seal(), "seal if due": w.SealIfDue(), "close": w.Close()} {
		if !errors.Is(err, ErrBroken) || !errors.Is(err, errInjected) {
			t.Errorf("%s of a broken writer: %v", what, err)
		}
	}
}

func TestAFullDiskCostsOneAppend(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cfg := testConfig(dir)
	fault := fsx.NewFault(quick{fsx.OS()}, nil)
	cfg.FS = fault
	w := mustOpen(t, cfg)
	mustAppend(t, w, page(1))
	// The write is short, and cutting what it left fails too: the next Append has to do that first.
	writes, cuts := fault.Count(fsx.OpWrite)+1, fault.Count(fsx.OpTruncate)+1
	fault.SetDecide(func(c fsx.Call) error {
		if c.Op == fsx.OpWrite && c.Seq == writes {
			return &fsx.ShortWrite{N: 100, Err: errInjected}
		}
		return fsx.FailNth(fsx.OpTruncate, cuts, errInjected)(c)
	})
	if _, err := w.Append(page(2)); !errors.Is(err, errInjected) {
		t.Errorf("append: %v", err)
	}
	mustAppend(t, w, page(3))
	mustDo(t, "close", w.Close())
	if got := checkArchive(t, dir); !slices.Equal(got, urlsOf(page(1), page(3))) {
		t.Errorf("pages %v", got)
	}
}
