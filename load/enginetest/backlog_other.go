//go:build !linux

package enginetest

import "testing"

// fullBacklog is how Linux treats connections beyond the queue.
func fullBacklog(t testing.TB) (addr string) {
	t.Skip("other systems refuse or take connections beyond the queue")
	return ""
}
