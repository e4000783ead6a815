//go:build !linux

package processor

// maxRSSUnit is what getrusage counts ru_maxrss in: bytes on darwin.
const maxRSSUnit = 1
