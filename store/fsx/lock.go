package fsx

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrLocked is returned by [Lock] when another process, or another Lock in this one, holds the lock.
var ErrLocked = errors.New("in use")

const (
	lockTries = 10
	lockPause = 10 * time.Millisecond
	maxHolder = 512 // bytes read of the holder's line
)

// Lock takes the exclusive flock of the file path, making it if it is missing, and writes into it who holds it: process id and
// command. It does not wait for a holder (it tries for 0.1 s, because [Locked] holds the lock for an instant). When somebody else
// holds the lock, err is [ErrLocked] and names the holder, which is also returned.
//
// The lock goes with release, or with the process, however it ends. The file stays: deleting it would let two holders in.
func Lock(path string) (release func() error, holder string, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, filePerm)
	if err != nil {
		return nil, "", fmt.Errorf("lock %q: %w", path, err)
	}
	if err := tryLock(f, syscall.LOCK_EX); err != nil {
		holder := readHolder(f)
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, holder, fmt.Errorf("lock %q: %w by %s", path, ErrLocked, holder)
		}
		return nil, "", fmt.Errorf("lock %q: %w", path, err)
	}
	self := fmt.Sprintf("process %d (%s)", os.Getpid(), filepath.Base(os.Args[0]))
	if err := writeHolder(f, self); err != nil {
		_ = f.Close()
		return nil, "", fmt.Errorf("lock %q: %w", path, err)
	}
	return func() error { return unlock(f) }, self, nil
}

// Locked reports whether somebody holds the lock of path, and who. A missing file is free.
func Locked(path string) (held bool, holder string, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, "", nil
	}
	if err != nil {
		return false, "", fmt.Errorf("look at lock %q: %w", path, err)
	}
	defer f.Close() // closing gives the shared lock back
	err = flock(f, syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, readHolder(f), nil
	}
	if err != nil {
		return false, "", fmt.Errorf("look at lock %q: %w", path, err)
	}
	return false, "", nil
}

func tryLock(f *os.File, how int) error {
	var err error
	for try := range lockTries {
		if try > 0 {
			<-time.NewTimer(lockPause).C
		}
		if err = flock(f, how|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
	}
	return err
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if err != syscall.EINTR {
			return err
		}
	}
}

// unlock empties the file first, so that nobody reads the name of a holder who is gone.
func unlock(f *os.File) error {
	err := f.Truncate(0)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("unlock %q: %w", f.Name(), err)
	}
	return nil
}

func writeHolder(f *os.File, holder string) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(holder+"\n"), 0)
	return err
}

func readHolder(f *os.File) string {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, maxHolder))
	if s := strings.TrimSpace(string(b)); err == nil && s != "" {
		return s
	}
	return "an unnamed process"
}
