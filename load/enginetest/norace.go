//go:build !race

package enginetest

// slowness divides the rate of the honesty test.
const slowness = 1
