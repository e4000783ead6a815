//go:build unix

package fsx

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Writable returns nil if names can be made and removed in dir, as far as rights and the mount tell, or if dir does not exist. It
// changes nothing.
func Writable(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return &os.PathError{Op: "write into", Path: dir, Err: syscall.ENOTDIR}
	}
	const write, search = 2, 1 // W_OK and X_OK
	if err = syscall.Access(dir, write|search); err == nil {
		return nil
	}
	return &os.PathError{Op: "write into", Path: dir, Err: err}
}
