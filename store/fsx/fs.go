package fsx

import (
	"io"
	"io/fs"
	"os"
)

// FS is the part of a file system that durable storage needs. Implementations are safe for concurrent use.
type FS interface {
	// Create makes name, or empties it if it exists, for reading and writing.
	Create(name string) (File, error)
	// OpenAppend opens name for appending and creates it if it is missing: every Write goes to the end.
	OpenAppend(name string) (File, error)
	// OpenReadWrite opens name for reading and writing from its start, without emptying it, and creates it if it is missing.
	OpenReadWrite(name string) (File, error)
	// Open opens name, a file or a folder, for reading.
	Open(name string) (File, error)
	// Rename moves oldName over newName. It is durable only after SyncDir of the folder.
	Rename(oldName, newName string) error
	// Link makes newName a hard link to oldName.
	Link(oldName, newName string) error
	// Remove deletes a file or an empty folder.
	Remove(name string) error
	// RemoveAll deletes name and all below it; a missing name is no error.
	RemoveAll(name string) error
	// MkdirAll makes dir and its parents.
	MkdirAll(dir string) error
	// ReadDir lists dir, sorted by name.
	ReadDir(dir string) ([]fs.DirEntry, error)
	// Stat describes name, following links.
	Stat(name string) (fs.FileInfo, error)
	// SyncDir makes the names in dir durable: creations, renames and removals.
	SyncDir(dir string) error
	// Truncate cuts name to size bytes.
	Truncate(name string, size int64) error
}

// File is an open file of an [FS].
type File interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.WriterAt
	io.Seeker
	io.Closer
	// Sync makes the contents durable. After a failed Sync nobody knows what is on disk: do not write on.
	Sync() error
	// Truncate cuts the file to size bytes; the position stays.
	Truncate(size int64) error
	// Stat describes the file.
	Stat() (fs.FileInfo, error)
	// Name is the name the file was opened by.
	Name() string
	// Fd is the file descriptor, for hints such as fadvise. It is valid until Close.
	Fd() uintptr
}

const (
	filePerm = 0o644
	dirPerm  = 0o755
)

// OS returns the real file system. Files are made with mode 0644, folders with 0755, less the umask.
func OS() FS { return osFS{} }

type osFS struct{}

func (osFS) Create(name string) (File, error) {
	return opened(os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, filePerm))
}

func (osFS) OpenAppend(name string) (File, error) {
	return opened(os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, filePerm))
}

func (osFS) OpenReadWrite(name string) (File, error) {
	return opened(os.OpenFile(name, os.O_RDWR|os.O_CREATE, filePerm))
}

func (osFS) Open(name string) (File, error) { return opened(os.Open(name)) }

func (osFS) Rename(oldName, newName string) error      { return os.Rename(oldName, newName) }
func (osFS) Link(oldName, newName string) error        { return os.Link(oldName, newName) }
func (osFS) Remove(name string) error                  { return os.Remove(name) }
func (osFS) RemoveAll(name string) error               { return os.RemoveAll(name) }
func (osFS) MkdirAll(dir string) error                 { return os.MkdirAll(dir, dirPerm) }
func (osFS) ReadDir(dir string) ([]fs.DirEntry, error) { return os.ReadDir(dir) }
func (osFS) Stat(name string) (fs.FileInfo, error)     { return os.Stat(name) }
func (osFS) Truncate(name string, size int64) error    { return os.Truncate(name, size) }

func (osFS) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if cerr := d.Close(); err == nil {
		err = cerr
	}
	return err
}

// opened keeps a nil *os.File from becoming a File that is not nil.
func opened(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}
