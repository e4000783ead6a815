package frontier

import (
	"io"
	"io/fs"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"tandem/store/fsx"
)

// stopFile is a file of a failStop. One that was created after the freeze has no f: it takes writes and holds nothing.
type stopFile struct {
	fs   *failStop
	name string
	f    fsx.File
}

var (
	_ vfs.File = (*stopFile)(nil)
	_ vfs.File = (*stopDir)(nil)
)

func (f *stopFile) Write(p []byte) (int, error) {
	return len(p), f.fs.change("write", f.name, func() error {
		n, err := f.f.Write(p)
		if err == nil && n < len(p) {
			err = io.ErrShortWrite
		}
		return err
	})
}

func (f *stopFile) WriteAt(p []byte, off int64) (int, error) {
	return len(p), f.fs.change("write", f.name, func() error {
		_, err := f.f.WriteAt(p, off)
		return err
	})
}

func (f *stopFile) Sync() error {
	return f.fs.change("sync", f.name, func() error { return f.f.Sync() })
}
func (f *stopFile) SyncData() error { return f.Sync() }

// SyncTo starts no early write-back, and says so: Pebble syncs the whole file when it is done with it.
func (f *stopFile) SyncTo(int64) (fullSync bool, err error) { return false, nil }

func (f *stopFile) Read(p []byte) (int, error) {
	if f.f == nil {
		return 0, errFrozen
	}
	return f.f.Read(p)
}

func (f *stopFile) ReadAt(p []byte, off int64) (int, error) {
	if f.f == nil {
		return 0, errFrozen
	}
	return f.f.ReadAt(p, off)
}

func (f *stopFile) Close() error {
	if f.f == nil {
		return nil
	}
	if err := f.f.Close(); err != nil && !f.fs.frozen.Load() {
		f.fs.freeze(err)
	}
	return nil
}

func (f *stopFile) Stat() (vfs.FileInfo, error) {
	if f.f == nil {
		return fileInfo{discarded(f.name)}, nil
	}
	return describe(f.f.Stat())
}

func (f *stopFile) Preallocate(int64, int64) error { return nil }
func (f *stopFile) Prefetch(int64, int64) error    { return nil }

// Fd hides the descriptor: nothing may go round the seam.
func (f *stopFile) Fd() uintptr { return vfs.InvalidFd }

// stopDir is a folder opened to be synced.
type stopDir struct {
	fs   *failStop
	name string
}

func (d *stopDir) Sync() error {
	return d.fs.change("sync folder", d.name, func() error { return d.fs.base.SyncDir(d.name) })
}
func (d *stopDir) SyncData() error                    { return d.Sync() }
func (d *stopDir) SyncTo(int64) (bool, error)         { return false, nil }
func (d *stopDir) Close() error                       { return nil }
func (d *stopDir) Stat() (vfs.FileInfo, error)        { return d.fs.Stat(d.name) }
func (d *stopDir) Read([]byte) (int, error)           { return 0, fs.ErrInvalid }
func (d *stopDir) ReadAt([]byte, int64) (int, error)  { return 0, fs.ErrInvalid }
func (d *stopDir) Write([]byte) (int, error)          { return 0, fs.ErrInvalid }
func (d *stopDir) WriteAt([]byte, int64) (int, error) { return 0, fs.ErrInvalid }
func (d *stopDir) Preallocate(int64, int64) error     { return nil }
func (d *stopDir) Prefetch(int64, int64) error        { return nil }
func (d *stopDir) Fd() uintptr                        { return vfs.InvalidFd }

// discarded describes a file that only seems to exist.
type discarded string

func (d discarded) Name() string     { return string(d) }
func (discarded) Size() int64        { return 0 }
func (discarded) Mode() fs.FileMode  { return 0 }
func (discarded) ModTime() time.Time { return time.Time{} }
func (discarded) IsDir() bool        { return false }
func (discarded) Sys() any           { return nil }
