//go:build !linux

package main

import (
	"errors"
	"os/exec"
	"time"
)

// ownGroup leaves the command in this program's group: killing it is killing it alone.
func ownGroup(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return cmd.Process.Kill() }
}

// limitMemory cannot be had: the bomb stops by itself.
func limitMemory(int64) error { return errors.ErrUnsupported }

// limitCPU cannot be had.
func limitCPU(uint64) error { return errors.ErrUnsupported }

// machineCPU is unknown.
func machineCPU() (time.Duration, int) { return 0, 0 }

// processor is unknown.
func processor() string { return "" }
