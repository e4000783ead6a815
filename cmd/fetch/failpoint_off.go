//go:build !failpoint

package main

// failpoint is nil in production; see failpoint.go.
func failpoint() func(string) { return nil }
