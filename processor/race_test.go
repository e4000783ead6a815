//go:build race

package processor

// underRace says that workers cost 2 s and 180 MB each to start.
const underRace = true
