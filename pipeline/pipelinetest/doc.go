// Package pipelinetest holds every executor to the same behaviour: one suite that the serial, the goroutine and the
// process executor pass.
//
//	RunExecutor(t, Harness{New: …, NewContaining: …})
//	   common part        results, order, errors, panics, cancelling, closing, bounds    every executor
//	   containment part   exit, kill, endless loop, flood of output                      processes
//
// # Ownership
//
// The suite closes every executor that it asks for. Executors whose workers are other processes give those processes
// [Tasks] too.
//
// # Failure
//
// A behaviour that an executor lacks fails the subtest that names it.
//
// # Costs
//
// A second or two for processes, most of it deadlines that have to pass.
package pipelinetest
