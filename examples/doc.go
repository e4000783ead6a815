// Package examples holds the lessons: one program per folder, one idea each, to be read in five minutes and run with
//
//	go run ./examples/01-lanes
//
// docs/lessons.md is the path through them. Each program asks a question, shows on this machine what happens, answers,
// and names the file of Tandem where the idea works for its living. Folder matrix measures the whole ladder.
//
// # Ownership
//
// Every program cleans up after itself: no file, process or listener of it is left.
//
// # Failure
//
// What is to go wrong in a lesson goes wrong on every run, and on one core too; a lesson whose surprise does not happen
// exits with 1. The test of this package runs them all, and what they say in Python as well.
//
// # Cost
//
// About a second each; lesson 39 takes five.
package examples
