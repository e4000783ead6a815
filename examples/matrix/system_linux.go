package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// ownGroup makes the command lead a process group and die as one.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}

// limitMemory limits this process's data, so that a memory bomb meets the limit and not the machine's.
func limitMemory(most int64) error {
	limit := syscall.Rlimit{Cur: uint64(most), Max: uint64(most)}
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &limit); err != nil {
		return fmt.Errorf("limit memory to %d bytes: %w", most, err)
	}
	return nil
}

// limitCPU ends this process, and each that it starts, after so many seconds of computing, whatever becomes of others.
func limitCPU(seconds uint64) error {
	limit := syscall.Rlimit{Cur: seconds, Max: seconds}
	if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &limit); err != nil {
		return fmt.Errorf("limit processor time to %d s: %w", seconds, err)
	}
	return nil
}

// processor returns the name of the machine's processor; empty if unknown.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	_, rest, _ := bytes.Cut(info, []byte("model name"))
	line, _, _ := bytes.Cut(rest, []byte("\n"))
	_, name, _ := bytes.Cut(line, []byte(":"))
	return string(bytes.TrimSpace(name))
}
