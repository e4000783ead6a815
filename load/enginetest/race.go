//go:build race

package enginetest

// slowness is how much more room the honesty test needs where the server and the engine are slowed down by the race detector: the
// backlog of the freeze takes longer to be sent.
const slowness = 2
