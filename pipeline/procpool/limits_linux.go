package procpool

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// limitSelf sets the limits of this process and says which ones it set.
func limitSelf(memory int64) ([]string, error) {
	limits := []string{parentDeath()}
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err == nil {
		limits = append(limits, "core 0")
	}
	if memory == 0 {
		return limits, nil
	}
	limit := syscall.Rlimit{Cur: uint64(memory), Max: uint64(memory)}
	if err := syscall.Setrlimit(syscall.RLIMIT_DATA, &limit); err != nil {
		return nil, fmt.Errorf("set data limit to %d bytes: %w", memory, err)
	}
	collector := limitCollector(memory)
	return append(limits, fmt.Sprintf("data %d MiB", memory>>20),
		collector), nil
}

// parentDeath says whether this process is killed with the thread that started it. It is not when the pool started
// another program that started this one.
func parentDeath() string {
	var sig int32
	_, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, unix.PR_GET_PDEATHSIG, uintptr(unsafe.Pointer(&sig)), 0)
	if errno != 0 || syscall.Signal(sig) != syscall.SIGKILL {
		return "parent-death signal: not set; ends at end of file of its requests"
	}
	return "dies with its parent thread (SIGKILL)"
}

func workerAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

func setPipeBuffer(fd uintptr, bytes int) {
	_, _ = unix.FcntlInt(fd, unix.F_SETPIPE_SZ, bytes) // the usual size will do
}

const maxrssUnit = 1024 // bytes that Rusage.Maxrss counts in

// residentMemory returns the memory that this process holds now, in bytes; 0 if unknown.
func residentMemory() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// peakMemory returns the most memory that the process ever held, in bytes; 0 if unknown.
func peakMemory(pid int) int64 { return statusBytes(pid, "VmHWM:") }

// heldMemory returns the memory that the process holds now, without what is a copy of a file, in bytes; 0 if unknown.
func heldMemory(pid int) int64 { return statusBytes(pid, "RssAnon:", "RssShmem:") }

// statusBytes adds up lines of the process's status.
func statusBytes(pid int, names ...string) (total int64) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for _, name := range names {
		_, rest, _ := bytes.Cut(b, []byte("\n"+name))
		line, _, _ := bytes.Cut(rest, []byte(" kB\n"))
		kb, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
		if err != nil {
			return 0
		}
		total += kb << 10
	}
	return total
}

// kernelKills returns how many processes the kernel has killed for want of memory since it started, those of memory
// cgroups included; 0 if unknown.
func kernelKills() int64 {
	b, err := os.ReadFile("/proc/vmstat")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(b, []byte("\noom_kill "))
	digits, _, _ := bytes.Cut(rest, []byte("\n"))
	n, _ := strconv.ParseInt(string(digits), 10, 64)
	return n
}

// cpuTicks returns the processor time that the process has used, in clock ticks of 10 ms; 0 if unknown.
func cpuTicks(pid int) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:]) // the name before may hold anything
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(string(fields[11]), 10, 64)
	system, _ := strconv.ParseInt(string(fields[12]), 10, 64)
	return user + system
}
