//go:build !linux

package procpool

import (
	"fmt"
	"runtime/metrics"
	"syscall"
)

// limitSelf sets what limits there are here and says which ones it could not set.
func limitSelf(memory int64) ([]string, error) {
	limits := []string{"parent-death signal: not enforceable on this system; ends at end of file of its requests"}
	if memory == 0 {
		return limits, nil
	}
	collector := limitCollector(memory)
	return append(limits, fmt.Sprintf("data %d MiB: not enforceable on this system", memory>>20),
		collector), nil
}

func workerAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func setPipeBuffer(uintptr, int) {}

const maxrssUnit = 1 // bytes that Rusage.Maxrss counts in on darwin

// residentMemory returns the memory that the Go runtime of this process has mapped and not given back, in bytes.
func residentMemory() int64 {
	samples := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
}

func peakMemory(int) int64 { return 0 }

func heldMemory(int) int64 { return 0 }

func cpuTicks(int) int64 { return 0 }

func kernelKills() int64 { return 0 }
