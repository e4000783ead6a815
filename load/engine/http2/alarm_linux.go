package http2

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"tandem/load/engine"
)

// clock is an alarm that wakes within tens of microseconds: the runtime waits for it like for a socket, where its own timers are
// rounded to a millisecond.
type clock struct {
	fd   int
	file *os.File
}

func newAlarm() alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return newTimer()
	}
	return &clock{fd: fd, file: os.NewFile(uintptr(fd), "timer")}
}

func (c *clock) set(in time.Duration) {
	var spec unix.ItimerSpec // zero: never
	if in != engine.Never {
		spec.Value = unix.NsecToTimespec(max(int64(in), 1))
	}
	_ = unix.TimerfdSettime(c.fd, 0, &spec, nil) // an open timer takes every time
}

func (c *clock) wait() {
	var n [8]byte
	_, _ = c.file.Read(n[:])
}

func (c *clock) close() { _ = c.file.Close() }
