// Package new breaks floors: it has no line.
package new
