// Command matrix measures what threads, processes and doing nothing special buy, on this machine, for three kinds of work:
//
//	go run ./examples/matrix
//
//	                  serial · goroutines, one core · goroutines, all cores · worker processes
//	I/O-bound            ┐
//	CPU-bound            ├─ the same inputs for all, also for CPython: serial · threads · processes
//	allocation-heavy     ┘
//	                         │ results compared, times interleaved, medians with their spread
//	then: a crash, a memory bomb, an endless loop: what does each executor lose?
//	                         │
//	                         ▼  tables, words that follow from this run's figures, and a page: matrix.html
//
// # Ownership
//
// The program starts a server on loopback, worker processes and a Python as its children, each in a process group of its
// own, and ends them all, also when it is interrupted. It writes one file, the page; -o "" writes none.
//
// # Failure
//
// Different results are an error, and so is a cell that cannot run. What a disaster does to an executor is a figure. A
// memory bomb meets a limit of its own process and never the machine's; an endless loop is ended after a patience that
// is stated.
//
// # Cost
//
// About a minute, and some seconds with -quick, whose figures show that everything works and not what it costs. A memory
// bomb takes 256 MiB where a process can be limited, and 1 GiB elsewhere.
package main
