// Package store breaks no-network through another package, and no-cgo.
package store
