//go:build race

package enginetest

// slowness is by how much the race detector slows the server and the engine down: at the whole rate they would take too long to catch up
// after the freeze.
const slowness = 5
