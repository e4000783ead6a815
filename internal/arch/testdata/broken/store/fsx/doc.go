// Package fsx breaks fsx-plain, and no-testing.
package fsx
