//go:build !unix

package usage

import "time"

// Self is not known on this system.
func Self() (cpu time.Duration, peakRSS int64) { return 0, 0 }

// OpenFiles is not known on this system: a number that all systems allow.
func OpenFiles() uint64 { return 256 }
