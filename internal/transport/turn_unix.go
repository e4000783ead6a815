//go:build unix && !linux

package transport

import (
	"io"
	"syscall"
)

// receive reads once, without waiting.
func receive(fd int, p []byte) (n int, err error) {
	for {
		n, err = syscall.Read(fd, p)
		switch {
		case err == syscall.EINTR:
		case n == 0 && err == nil:
			return 0, io.EOF
		default:
			return max(n, 0), err
		}
	}
}

// transmit writes once, without waiting.
func transmit(fd int, p []byte) (n int, err error) {
	for {
		if n, err = syscall.Write(fd, p); err != syscall.EINTR {
			return max(n, 0), err
		}
	}
}

func again(err error) bool { return err == syscall.EAGAIN || err == syscall.EWOULDBLOCK }
