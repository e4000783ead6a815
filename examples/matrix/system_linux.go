package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"
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

// machineCPU returns the processor time that all programs of the machine have used, in clock ticks of 10 ms, and how many
// cores it has; zeros if unknown.
func machineCPU() (used time.Duration, cores int) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	for line := range bytes.Lines(stat) {
		fields := bytes.Fields(line)
		switch {
		case len(fields) < 9 || !bytes.HasPrefix(fields[0], []byte("cpu")):
		case string(fields[0]) == "cpu":
			for _, i := range []int{1, 2, 3, 6, 7, 8} { // user nice system, not idle and iowait, irq softirq steal
				n, _ := strconv.ParseInt(string(fields[i]), 10, 64)
				used += time.Duration(n) * 10 * time.Millisecond
			}
		default:
			cores++
		}
	}
	return used, cores
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
