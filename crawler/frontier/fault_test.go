package frontier

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"tandem/store/fsx"
)

// failFrom makes every change fail from the nth on that match accepts, as a full disk does.
func failFrom(n int64, match func(fsx.Call) bool) func(fsx.Call) error {
	var seen atomic.Int64
	return func(c fsx.Call) error {
		if match(c) && seen.Add(1) >= n {
			return syscall.ENOSPC
		}
		return nil
	}
}

func writes(suffix string) func(fsx.Call) bool {
	return func(c fsx.Call) bool { return c.Op == fsx.OpWrite && strings.HasSuffix(c.Name, suffix) }
}

// A full disk, whichever write meets it first: the frontier stops with an error, Next lets everybody go, Close works, and what was
// synced before is there when it is opened again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for name, match := range map[string]func(fsx.Call) bool{
		"log":      writes(".log"),
		"tables":   writes(".sst"),
		"manifest": func(c fsx.Call) bool { return c.Op == fsx.OpWrite && strings.Contains(c.Name, "MANIFEST") },
		"log sync": func(c fsx.Call) bool { return c.Op == fsx.OpSync && strings.HasSuffix(c.Name, ".log") },
		"folder":   func(c fsx.Call) bool { return c.Op == fsx.OpSyncDir },
		"create":   func(c fsx.Call) bool { return c.Op == fsx.OpCreate },
		"anything": func(c fsx.Call) bool { return c.Op.Mutates() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := fsx.NewFault(fsx.OS(), nil)
			cfg := DefaultConfig(t.TempDir())
			cfg.FS, cfg.MemTable = fault, 256<<10
			d := open(t, cfg)
			add(t, d, 1, links(t, "http://a.example/"))
			first := next(t, d)
			done(t, d, first, Outcome{Segment: "1", Offset: 5, Links: links(t, "http://a.example/kept")})
			if err := d.Sync(); err != nil {
				t.Fatal(err)
			}
			waiting := next(t, d) // stays in flight: the next caller waits
			errs := make(chan error, 1)
			go func() {
				var err error
				for err == nil {
					_, err = d.Next(t.Context())
				}
				errs <- err
			}()

			fault.SetDecide(failFrom(3, match))
			err := fillUp(t, d)
			if !errors.Is(err, ErrStopped) || !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("Add on a full disk: %v; want ErrStopped and ENOSPC", err)
			}
			if err := <-errs; !errors.Is(err, ErrStopped) {
				t.Errorf("Next on a full disk: %v; want ErrStopped", err)
			}
			if _, err := d.Done(waiting, Outcome{State: Stored}); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("Done on a full disk: %v", err)
			}
			if err := d.Sync(); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("Sync on a full disk: %v", err)
			}
			if err := d.Close(); !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("Close on a full disk: %v", err)
			}

			cfg.FS = nil
			d = open(t, cfg)
			if info, ok, err := d.State(first.URL); err != nil || !ok || info.State != Stored {
				t.Errorf("synced outcome: %+v, %v, %v", info, ok, err)
			}
			if info, ok, err := d.State(waiting.URL); err != nil || !ok || info.State != Pending {
				t.Errorf("synced link: %+v, %v, %v", info, ok, err)
			}
		})
	}
}

// fillUp adds links until that fails.
func fillUp(t *testing.T, d *Durable) error {
	t.Helper()
	for i := range 1000 {
		var raws []string
		for j := range 100 {
			raws = append(raws, fmt.Sprintf("http://a.example/%d/%d", i, j))
		}
		if _, err := d.Add(links(t, raws...)); err != nil {
			return err
		}
		if i%10 == 0 {
			if err := d.Sync(); err != nil {
				return err
			}
		}
	}
	return nil
}

// The same while opening: an error, not an exit, and nothing left running or locked.
func TestFullDiskWhileOpening(t *testing.T) {
	t.Parallel()
	probe := fsx.NewFault(fsx.OS(), nil)
	cfg := DefaultConfig(t.TempDir())
	cfg.FS = probe
	if err := open(t, cfg).Close(); err != nil {
		t.Fatal(err)
	}
	changes := 0
	for _, c := range probe.Calls() {
		if c.Op.Mutates() {
			changes++
		}
	}
	for n := 1; n < changes; n += 3 {
		dir := t.TempDir()
		cfg := DefaultConfig(dir)
		cfg.FS = fsx.NewFault(fsx.OS(), failFrom(int64(n), func(c fsx.Call) bool { return c.Op.Mutates() }))
		d, err := Open(cfg)
		if err == nil { // it was the closing that met the full disk
			err = d.Close()
		}
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("change %d fails: %v; want ENOSPC", n, err)
		}
		cfg.FS = nil
		open(t, cfg)
	}
}

func TestShortWrite(t *testing.T) {
	t.Parallel()
	fault := fsx.NewFault(fsx.OS(), nil)
	cfg := DefaultConfig(t.TempDir())
	cfg.FS = fault
	d := open(t, cfg)
	add(t, d, 1, links(t, "http://a.example/"))
	if err := d.Sync(); err != nil {
		t.Fatal(err)
	}
	fault.SetDecide(func(c fsx.Call) error {
		if writes(".log")(c) {
			return &fsx.ShortWrite{N: 7, Err: syscall.ENOSPC}
		}
		return nil
	})
	_, addErr := d.Add(links(t, "http://a.example/torn"))
	if err := errors.Join(addErr, d.Sync()); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("Sync after a short write: %v", err)
	}
	_ = d.Close()
	cfg.FS = nil
	d = open(t, cfg)
	if !d.Known(mustURL(t, "http://a.example/")) || d.Known(mustURL(t, "http://a.example/torn")) {
		t.Error("want the synced link, not the torn one")
	}
}

// A frontier works with as few descriptors as RLIMIT_NOFILE = 64 leaves it.
func TestFewDescriptors(t *testing.T) {
	t.Parallel()
	cfg := DefaultConfig(t.TempDir())
	cfg.MaxOpenFiles, cfg.MemTable = tableFiles(64), 256<<10
	d := open(t, cfg)
	for i := range 60 {
		var raws []string
		for j := range 1000 {
			raws = append(raws, fmt.Sprintf("http://a.example/%d/%d/%s", i, j, strings.Repeat("x", 50)))
		}
		add(t, d, 1000, links(t, raws...))
	}
	n := 0
	for _, err := range d.Inlinks() {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 60_000 {
		t.Errorf("%d urls, want 60000", n)
	}
	// A compaction holds its inputs and outputs open beside the cache for as long as it runs.
	for deadline := time.Now().Add(10 * time.Second); ; {
		fds, err := openTables(cfg.Dir)
		if err != nil || fds <= 32 {
			break
		}
		if time.Now().After(deadline) {
			t.Errorf("%d table files stay open, more than half of 64 descriptors", fds)
			break
		}
		runtime.Gosched()
	}
}

// openTables counts this process's descriptors of tables under dir; Linux only.
func openTables(dir string) (int, error) {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0, err
	}
	n := 0
	for _, fd := range fds {
		if name, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil && strings.HasPrefix(name, dir) && strings.HasSuffix(name, ".sst") {
			n++
		}
	}
	return n, nil
}

func TestTableFiles(t *testing.T) {
	t.Parallel()
	for limit, want := range map[uint64]int{0: 8, 64: 8, 1024: 128, 1 << 20: 500, 1<<64 - 1: 500} {
		if got := tableFiles(limit); got != want {
			t.Errorf("tableFiles(%d) = %d, want %d", limit, got, want)
		}
	}
}

// Damage on disk is an error of the call that meets it, and no exit.
func TestDamagedRecord(t *testing.T) {
	t.Parallel()
	d := open(t, DefaultConfig(t.TempDir()))
	add(t, d, 2, links(t, "http://a.example/", "http://a.example/2"))
	if err := d.setSync(idKey(urlSpace, 0), []byte{flagAlt, 0xff}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Next(t.Context()); !errors.Is(err, errDamaged) || !errors.Is(err, ErrStopped) {
		t.Errorf("Next of a damaged record: %v", err)
	}
	if _, err := d.Next(t.Context()); err == io.EOF || !errors.Is(err, ErrStopped) {
		t.Errorf("Next after that: %v", err)
	}
}

// A page with more links than a write buffer holds is still one batch.
func TestHugePage(t *testing.T) {
	t.Parallel()
	cfg := DefaultConfig(t.TempDir())
	cfg.MemTable = 256 << 10
	d := open(t, cfg)
	add(t, d, 1, links(t, "http://a.example/"))
	var raws []string
	for i := range 20_000 {
		raws = append(raws, fmt.Sprintf("http://h%d.example/%d", i%100, i))
	}
	if n := done(t, d, next(t, d), Outcome{Links: links(t, raws...)}); n != len(raws) {
		t.Errorf("%d links added, want %d", n, len(raws))
	}
	d = crash(t, d)
	if got, want := d.Counts(), (Counts{Known: 20_001, Pending: 20_000, Done: 1}); got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
}
