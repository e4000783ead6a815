// Package usage tells what this process has used so far: processor time and
// its largest resident size, which every run's summary reports.
//
//	getrusage ─► processor time         /proc/self/status ─► peak memory (Linux)
//
// The kernel's own figure for peak memory, ru_maxrss, is inherited over exec:
// a program that a large process starts would report that process's peak. On
// Linux the peak is therefore read from VmHWM, which starts anew with the
// program.
//
// # Ownership
//
// No state. Self is safe for concurrent use.
//
// # Failure
//
// What the system does not tell is 0.
//
// # Costs
//
// A system call, and on Linux a read of one small file.
package usage
