package fsx

import (
	"io/fs"
	"sync"
)

// Op names what a call on an [FS] or a [File] does.
type Op string

// The operations that [Fault] watches.
const (
	OpCreate   Op = "create" // Create, OpenAppend and OpenReadWrite
	OpOpen     Op = "open"
	OpRead     Op = "read" // Read and ReadAt
	OpWrite    Op = "write"
	OpSync     Op = "sync"
	OpClose    Op = "close"
	OpRename   Op = "rename" // Rename and Link
	OpRemove   Op = "remove"
	OpMkdir    Op = "mkdir"
	OpReadDir  Op = "readdir"
	OpStat     Op = "stat"
	OpSyncDir  Op = "syncdir"
	OpTruncate Op = "truncate" // FS.Truncate and File.Truncate
)

// Mutates reports whether the operation changes what is on disk.
func (o Op) Mutates() bool {
	switch o {
	case OpCreate, OpWrite, OpSync, OpRename, OpRemove, OpMkdir, OpSyncDir, OpTruncate:
		return true
	case OpOpen, OpRead, OpClose, OpReadDir, OpStat:
		return false
	}
	return false
}

// Call is one call that a [Fault] saw.
type Call struct {
	Seq  int // counts the calls of this Op from 1
	Op   Op
	Name string // file or folder; of a rename, the old name
	Size int    // bytes, of a write
}

// ShortWrite is an error for a Decide function: the write puts its first N bytes down, then fails with Err.
type ShortWrite struct {
	N   int
	Err error
}

// Error is Err's text.
func (e *ShortWrite) Error() string { return "short write: " + e.Err.Error() }

// Unwrap returns Err.
func (e *ShortWrite) Unwrap() error { return e.Err }

// Fault is an [FS] for tests: each call is shown to Decide, and fails with the error that Decide returns. A call that fails does
// nothing, except a write that gets a [ShortWrite]. Safe for concurrent use; Decide is called by one goroutine at a time.
type Fault struct {
	base FS

	mu     sync.Mutex // guards the fields below
	decide func(Call) error
	counts map[Op]int
	calls  []Call
}

// NewFault wraps base. A nil decide lets everything pass.
func NewFault(base FS, decide func(Call) error) *Fault {
	return &Fault{base: base, decide: decide, counts: make(map[Op]int)}
}

// FailNth returns a Decide function that fails the nth call (from 1) of op, once.
func FailNth(op Op, n int, err error) func(Call) error {
	return func(c Call) error {
		if c.Op == op && c.Seq == n {
			return err
		}
		return nil
	}
}

// SetDecide replaces the Decide function; counts go on.
func (f *Fault) SetDecide(decide func(Call) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.decide = decide
}

// Count is how many calls of op there were, failed ones too.
func (f *Fault) Count(op Op) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.counts[op]
}

// Calls lists the calls so far, in order.
func (f *Fault) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Call(nil), f.calls...)
}

func (f *Fault) see(op Op, name string, size int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[op]++
	c := Call{Seq: f.counts[op], Op: op, Name: name, Size: size}
	f.calls = append(f.calls, c)
	if f.decide == nil {
		return nil
	}
	if err := f.decide(c); err != nil {
		return &fs.PathError{Op: string(op), Path: name, Err: err}
	}
	return nil
}

func (f *Fault) file(op Op, name string, open func(string) (File, error)) (File, error) {
	if err := f.see(op, name, 0); err != nil {
		return nil, err
	}
	file, err := open(name)
	if err != nil {
		return nil, err
	}
	return &faultFile{File: file, fault: f}, nil
}

// Create implements [FS].
func (f *Fault) Create(name string) (File, error) { return f.file(OpCreate, name, f.base.Create) }

// OpenAppend implements [FS].
func (f *Fault) OpenAppend(name string) (File, error) {
	return f.file(OpCreate, name, f.base.OpenAppend)
}

// OpenReadWrite implements [FS].
func (f *Fault) OpenReadWrite(name string) (File, error) {
	return f.file(OpCreate, name, f.base.OpenReadWrite)
}

// Open implements [FS].
func (f *Fault) Open(name string) (File, error) { return f.file(OpOpen, name, f.base.Open) }

// Rename implements [FS].
func (f *Fault) Rename(oldName, newName string) error {
	if err := f.see(OpRename, oldName, 0); err != nil {
		return err
	}
	return f.base.Rename(oldName, newName)
}

// Link implements [FS].
func (f *Fault) Link(oldName, newName string) error {
	if err := f.see(OpRename, oldName, 0); err != nil {
		return err
	}
	return f.base.Link(oldName, newName)
}

// Remove implements [FS].
func (f *Fault) Remove(name string) error {
	if err := f.see(OpRemove, name, 0); err != nil {
		return err
	}
	return f.base.Remove(name)
}

// RemoveAll implements [FS].
func (f *Fault) RemoveAll(name string) error {
	if err := f.see(OpRemove, name, 0); err != nil {
		return err
	}
	return f.base.RemoveAll(name)
}

// MkdirAll implements [FS].
func (f *Fault) MkdirAll(dir string) error {
	if err := f.see(OpMkdir, dir, 0); err != nil {
		return err
	}
	return f.base.MkdirAll(dir)
}

// ReadDir implements [FS].
func (f *Fault) ReadDir(dir string) ([]fs.DirEntry, error) {
	if err := f.see(OpReadDir, dir, 0); err != nil {
		return nil, err
	}
	return f.base.ReadDir(dir)
}

// Stat implements [FS].
func (f *Fault) Stat(name string) (fs.FileInfo, error) {
	if err := f.see(OpStat, name, 0); err != nil {
		return nil, err
	}
	return f.base.Stat(name)
}

// SyncDir implements [FS].
func (f *Fault) SyncDir(dir string) error {
	if err := f.see(OpSyncDir, dir, 0); err != nil {
		return err
	}
	return f.base.SyncDir(dir)
}

// Truncate implements [FS].
func (f *Fault) Truncate(name string, size int64) error {
	if err := f.see(OpTruncate, name, 0); err != nil {
		return err
	}
	return f.base.Truncate(name, size)
}
