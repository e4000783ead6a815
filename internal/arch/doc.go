// Package arch holds the architecture of this repository as data, and the tests that keep the code to it. Nothing imports
// it.
//
//	floor 3   cmd/*  examples/*  internal/arch                                            programs
//	floor 2   crawler  load  processor  internal/site  internal/cli                       stages and wiring
//	floor 1   store  pipeline/procpool  internal/transport  crawler/{frontier,robots,extract}
//	          processor/{text,imaging,dedup}  configs  internal/report                    parts
//	floor 0   pipeline  store/warc  store/fsx  crawler/weburl  internal/{units,simhash}   ground
//
// Imports go down, never up and never sideways, so a package can be read knowing only what lies below it, and the two
// stages meet in store alone. A conformance package (…test) sits one floor above what it tests. A package that is not in
// the table of floors.go fails the test: give it a line. The other rules stand in rules.go, each with its reason. A wrong
// rule is changed with a note in docs/decisions, not worked around.
//
// The check parses the source files of the module, tests excluded, whatever their build tags. It does not run the go
// command and does not look at what libraries import.
//
// # Ownership
//
// No goroutines, no state.
//
// # Failure
//
// Violations are values in a sorted list; an error means that the tree could not be read. The checker is itself checked on
// a tree that breaks every rule, in testdata.
//
// # Costs
//
// One parse of every file: well under a second.
package arch
