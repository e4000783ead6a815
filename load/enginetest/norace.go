//go:build !race

package enginetest

// slowness is how much more room the honesty test needs.
const slowness = 1
