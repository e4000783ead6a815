//go:build failpoint

package main

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// failpoint kills this process at a named point of the write path, for the
// tests that do so: TANDEM_FAILPOINT=name:N kills at the N-th time it is passed.
// Production builds do not have it.
func failpoint() func(string) {
	name, count, _ := strings.Cut(os.Getenv("TANDEM_FAILPOINT"), ":")
	n, err := strconv.ParseInt(count, 10, 64)
	if name == "" || err != nil {
		return nil
	}
	var passed atomic.Int64
	return func(at string) {
		if at == name && passed.Add(1) == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal arrives
		}
	}
}
