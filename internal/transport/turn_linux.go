package transport

import (
	"io"
	"syscall"
	"unsafe"
)

// The calls here never wait, so the scheduler need not be told of them, which would take a tenth of their time.

// receive reads once, without waiting. p is not empty.
func receive(fd int, p []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		switch {
		case errno == syscall.EINTR:
		case errno == syscall.EAGAIN:
			return 0, errAgain
		case errno != 0:
			return 0, errno
		case n == 0:
			return 0, io.EOF
		default:
			return int(n), nil
		}
	}
}

// transmit writes once, without waiting. p is not empty.
func transmit(fd int, p []byte) (int, error) {
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		switch errno {
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, errAgain
		case 0:
			return int(n), nil
		default:
			return 0, errno
		}
	}
}

// errAgain is EAGAIN as an error, made once.
var errAgain error = syscall.EAGAIN

func again(err error) bool { return err == errAgain }
