package fsx

import (
	"errors"
)

// faultFile shows each call to its Fault before the file below sees it.
type faultFile struct {
	File
	fault *Fault
}

func (f *faultFile) Read(p []byte) (int, error) {
	if err := f.fault.see(OpRead, f.Name(), len(p)); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *faultFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.fault.see(OpRead, f.Name(), len(p)); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

func (f *faultFile) Write(p []byte) (int, error) {
	return f.write(p, f.File.Write)
}

func (f *faultFile) WriteAt(p []byte, off int64) (int, error) {
	return f.write(p, func(p []byte) (int, error) { return f.File.WriteAt(p, off) })
}

func (f *faultFile) write(p []byte, down func([]byte) (int, error)) (int, error) {
	err := f.fault.see(OpWrite, f.Name(), len(p))
	if err == nil {
		return down(p)
	}
	var short *ShortWrite
	if !errors.As(err, &short) {
		return 0, err
	}
	n, werr := down(p[:min(short.N, len(p))])
	if werr != nil {
		return n, werr
	}
	return n, err
}

func (f *faultFile) Sync() error {
	if err := f.fault.see(OpSync, f.Name(), 0); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *faultFile) Truncate(size int64) error {
	if err := f.fault.see(OpTruncate, f.Name(), 0); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

// Close always closes the file below, so that a test leaks no descriptor.
func (f *faultFile) Close() error {
	err := f.fault.see(OpClose, f.Name(), 0)
	if cerr := f.File.Close(); err == nil {
		err = cerr
	}
	return err
}
