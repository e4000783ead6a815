// Package report turns plain data into what people and scripts read: tables, progress, JSON summaries and thresholds. It
// knows no stage; a program hands in numbers and texts.
//
//	numbers while it runs  ──►  Progress   bars on a terminal, one line every few seconds elsewhere, or silence
//	numbers at the end     ──►  Table      aligned columns that fit in 80 cells
//	                       ──►  WriteJSON  a summary that appears completely or not at all
//	                       ──►  Threshold  "pages>=5000" is met or not: exit code 3 for scripts
//
// Every text is shown through units.Escape, because names, titles and errors come from hostile servers.
//
// # Ownership
//
// Progress draws inside the calls of its users; only Poll starts a goroutine, and the function that Poll returns waits for
// it. Progress and its bars are safe for concurrent use; a Table belongs to one goroutine; a Threshold is a value.
//
// # Failure
//
// Progress ignores errors of its writer: a closed terminal must not end a run. Everything else returns its errors.
//
// # Costs
//
// Bar.Update is a lock, a clock and a comparison, unless something is due to be drawn: at most ten times a second.
package report
