package fsx

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestWriteFileReplacesOrLeavesTheOldFile(t *testing.T) {
	t.Parallel()
	errDisk := errors.New("disk on fire")
	for _, tt := range []struct {
		op      Op
		err     error
		wantNew bool
	}{
		{op: OpCreate, err: errDisk},
		{op: OpWrite, err: errDisk},
		{op: OpWrite, err: &ShortWrite{N: 1, Err: syscall.ENOSPC}},
		{op: OpSync, err: errDisk},
		{op: OpClose, err: errDisk},
		{op: OpRename, err: errDisk},
		{op: OpSyncDir, err: errDisk, wantNew: true},
		{op: "none", wantNew: true},
	} {
		t.Run(string(tt.op), func(t *testing.T) {
			t.Parallel()
			name := filepath.Join(t.TempDir(), "f")
			if err := WriteFile(OS(), name, []byte("old")); err != nil {
				t.Fatal(err)
			}
			err := WriteFile(NewFault(OS(), FailNth(tt.op, 1, tt.err)), name, []byte("new!"))
			if tt.err != nil && (!errors.Is(err, errors.Unwrap(tt.err)) && !errors.Is(err, tt.err) || !strings.Contains(err.Error(), string(tt.op))) {
				t.Errorf("error = %v, want one that wraps %v and names %s", err, tt.err, tt.op)
			}
			if tt.err == nil && err != nil {
				t.Errorf("error = %v", err)
			}
			want := "old"
			if tt.wantNew {
				want = "new!"
			}
			if got, _ := os.ReadFile(name); string(got) != want {
				t.Errorf("file holds %q, want %q", got, want)
			}
			if _, err := os.Stat(name + TempSuffix); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("temporary file is still there: %v", err)
			}
		})
	}
}

func TestFaultSeesEveryCall(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, b, c := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "c")
	f := NewFault(OS(), nil)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	file, err := f.OpenAppend(a)
	must(err)
	_, err = file.Write([]byte("hello"))
	must(err)
	must(file.Sync())
	must(file.Truncate(4))
	must(file.Close())
	must(f.Truncate(a, 3))
	must(f.Rename(a, b))
	must(f.Link(b, c))
	must(f.SyncDir(dir))
	must(f.MkdirAll(filepath.Join(dir, "d", "e")))
	_, err = f.ReadDir(dir)
	must(err)
	rw, err := f.OpenReadWrite(b)
	must(err)
	_, err = rw.WriteAt([]byte("J"), 0)
	must(err)
	buf := make([]byte, 3)
	_, err = rw.ReadAt(buf, 0)
	must(err)
	must(rw.Close())
	if string(buf) != "Jel" {
		t.Errorf("file holds %q", buf)
	}
	must(f.Remove(c))
	must(f.RemoveAll(filepath.Join(dir, "d")))
	_, err = f.Stat(b)
	must(err)
	want := map[Op]int{OpCreate: 2, OpWrite: 2, OpSync: 1, OpTruncate: 2, OpClose: 2, OpRename: 2, OpSyncDir: 1, OpMkdir: 1,
		OpReadDir: 1, OpRead: 1, OpRemove: 2, OpStat: 1}
	total := 0
	for op, n := range want {
		if got := f.Count(op); got != n {
			t.Errorf("%s seen %d times, want %d", op, got, n)
		}
		total += n
	}
	if got := len(f.Calls()); got != total {
		t.Errorf("%d calls listed, want %d", got, total)
	}
}

func TestFaultFailsOnce(t *testing.T) {
	t.Parallel()
	f := NewFault(OS(), FailNth(OpWrite, 2, syscall.ENOSPC))
	file, err := f.Create(filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for i, wantErr := range []bool{false, true, false} {
		_, err := file.Write([]byte("x"))
		if (err != nil) != wantErr {
			t.Errorf("write %d: error = %v, want one: %t", i+1, err, wantErr)
		}
		if wantErr && !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("write %d: error = %v, want ENOSPC", i+1, err)
		}
	}
}

func TestLockKeepsTheSecondOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	if held, _, err := Locked(path); held || err != nil {
		t.Fatalf("Locked before the file exists = %t, %v", held, err)
	}
	release, self, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	_, holder, err := Lock(path)
	if !errors.Is(err, ErrLocked) || holder != self || !strings.Contains(err.Error(), self) {
		t.Errorf("second Lock: holder %q, error %v; want %q and ErrLocked", holder, err, self)
	}
	if held, holder, err := Locked(path); !held || holder != self || err != nil {
		t.Errorf("Locked = %t, %q, %v; want true, %q", held, holder, err, self)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if held, _, err := Locked(path); held || err != nil {
		t.Errorf("Locked after release = %t, %v", held, err)
	}
	release, _, err = Lock(path)
	if err != nil {
		t.Fatalf("Lock after release: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

func TestLockNamesTheFileItCannotOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing", "lock")
	if _, _, err := Lock(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("error = %v", err)
	}
}
