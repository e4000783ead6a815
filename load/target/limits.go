package target

import "tandem/internal/units"

// What a set and a feed may hold. Beyond it the memory of the client would be what is measured.
const (
	maxTargets  = 1_000_000
	maxText     = 256 * units.MiB // of URLs, headers and bodies, files included
	maxRows     = 1_000_000
	maxLine     = 16 * units.MiB
	maxProblems = 20 // of a file are told at once
	maxWeight   = 1e9
)
