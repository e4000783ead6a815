//go:build !linux

package procpool

// hasExited is to report whether this child has ended; here it takes that for granted.
func hasExited(int) bool { return true }
