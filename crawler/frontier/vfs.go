package frontier

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"

	"tandem/store/fsx"
)

// failStop shows Pebble an fsx.FS that stops at the first change that fails.
//
// Pebble does not survive a failed write: when its log cannot be written it panics with its locks held, when the manifest cannot be
// written it calls Fatalf, when a folder cannot be synced it panics, and a failed flush is tried again at once, for ever, while writers
// wait for it. A full disk must end a crawl with an error instead. So the first failure is reported to fail, and from then on the
// folder is frozen: every further change is accepted and thrown away. Pebble then runs on without noticing until the frontier closes
// it, and the disk holds what it held at the failure, a state that Pebble knows how to recover from because a kill leaves the same.
type failStop struct {
	base   fsx.FS
	frozen atomic.Bool
	fail   func(error) // called once, from whatever goroutine of Pebble's was writing
}

var errFrozen = errors.New("store is frozen after a failed write")

// freeze stops all further changes; only the first error is reported.
func (s *failStop) freeze(err error) {
	if s.frozen.CompareAndSwap(false, true) {
		s.fail(err)
	}
}

// change does what changes the disk, and hides its failure from Pebble.
func (s *failStop) change(what, name string, do func() error) error {
	if s.frozen.Load() {
		return nil
	}
	if err := do(); err != nil {
		s.freeze(fmt.Errorf("%s %q: %w", what, name, err))
	}
	return nil
}

func (s *failStop) Create(name string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	var f fsx.File
	err := s.change("create", name, func() (err error) {
		// A new inode, as Pebble asks: fsx would empty the file in place.
		if err := s.base.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		f, err = s.base.Create(name)
		return err
	})
	return &stopFile{fs: s, name: name, f: f}, err
}

func (s *failStop) Link(oldName, newName string) error {
	return s.change("link", newName, func() error { return s.base.Link(oldName, newName) })
}

func (s *failStop) Open(name string, opts ...vfs.OpenOption) (vfs.File, error) {
	f, err := s.base.Open(name)
	if err != nil {
		if s.frozen.Load() {
			return nil, errFrozen
		}
		return nil, err
	}
	file := &stopFile{fs: s, name: name, f: f}
	for _, o := range opts {
		o.Apply(file)
	}
	return file, nil
}

func (s *failStop) OpenReadWrite(name string, _ vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	var f fsx.File
	err := s.change("open", name, func() (err error) {
		f, err = s.base.OpenReadWrite(name)
		return err
	})
	file := &stopFile{fs: s, name: name, f: f}
	for _, o := range opts {
		o.Apply(file)
	}
	return file, err
}

func (s *failStop) OpenDir(name string) (vfs.File, error) {
	if _, err := s.base.Stat(name); err != nil {
		return nil, err
	}
	return &stopDir{fs: s, name: name}, nil
}

// Remove lets its failures through: Pebble logs them and tries again, and nothing is lost by a file too many.
func (s *failStop) Remove(name string) error {
	if s.frozen.Load() {
		return nil
	}
	return s.base.Remove(name)
}

func (s *failStop) RemoveAll(name string) error {
	if s.frozen.Load() {
		return nil
	}
	return s.base.RemoveAll(name)
}

func (s *failStop) Rename(oldName, newName string) error {
	return s.change("rename", oldName, func() error { return s.base.Rename(oldName, newName) })
}

// ReuseForWrite makes a new file: the logs of a frontier are small, and a fresh one has no old records behind its end.
func (s *failStop) ReuseForWrite(oldName, newName string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if err := s.Remove(oldName); err != nil {
		return nil, err
	}
	return s.Create(newName, c)
}

func (s *failStop) MkdirAll(dir string, _ os.FileMode) error {
	return s.change("make folder", dir, func() error { return s.base.MkdirAll(dir) })
}

// Lock takes the lock on the real file system: a lock is not data.
func (s *failStop) Lock(name string) (io.Closer, error) {
	release, _, err := fsx.Lock(name)
	if err != nil {
		return nil, err
	}
	return lock(release), nil
}

type lock func() error

func (l lock) Close() error { return l() }

func (s *failStop) List(dir string) ([]string, error) {
	entries, err := s.base.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

func (s *failStop) Stat(name string) (vfs.FileInfo, error) { return describe(s.base.Stat(name)) }

func (s *failStop) PathBase(path string) string    { return filepath.Base(path) }
func (s *failStop) PathJoin(elem ...string) string { return filepath.Join(elem...) }
func (s *failStop) PathDir(path string) string     { return filepath.Dir(path) }
func (s *failStop) Unwrap() vfs.FS                 { return nil }
func (s *failStop) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{}, vfs.ErrUnsupported
}

type fileInfo struct{ fs.FileInfo }

// DeviceID is unknown: it only serves Pebble's statistics.
func (fileInfo) DeviceID() vfs.DeviceID { return vfs.DeviceID{} }

func describe(fi fs.FileInfo, err error) (vfs.FileInfo, error) {
	if err != nil {
		return nil, err
	}
	return fileInfo{fi}, nil
}
