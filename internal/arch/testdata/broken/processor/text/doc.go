// Package text breaks no-report, and floors sideways.
package text
