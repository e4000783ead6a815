// Package report breaks nothing.
package report
