//go:build !unix

package transport

import "syscall"

// peeker cannot look at a socket on this system: no connection is used twice.
type peeker struct {
	raw syscall.RawConn // nil
}

func (*peeker) open(syscall.Conn) {}

func (*peeker) look() waiting { return waitingUnknown }
