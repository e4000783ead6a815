// Package processor breaks no-report through another package.
package processor
