// Package cli is what Tandem's programs have in common on a command line: exit codes, error texts, signals, flags over job
// files, logging, profiling and the version.
//
//	main ─► Main ─► cobra command ─► RunE ─► nil | Usage | Fail | Interrupted | ThresholdError
//	          ▲                       │
//	          │                       ├─ Signals       first signal: drain Event; second: context
//	          │                       ├─ OverlayFlags  defaults < job file < flags
//	          │                       └─ Logging       slog on standard error
//	          └── "fetch: error: …", "fetch: hint: …", exit code 0 · 1 · 2 · 3 · 130
//
// # Ownership
//
// Beside the main functions this is the only package that touches the process: its arguments, signals and standard error.
// Signals and profiling start a goroutine or a profile; the function that they return ends it and waits for it. Main does
// not exit the process: it returns the code.
//
// # Failure
//
// Errors that stem from what the user typed are exit code 2, also when cobra finds them. Error texts are escaped for
// terminals. An error that says nothing about itself is exit code 1.
//
// # Costs
//
// Nothing measurable beside starting a process.
package cli
