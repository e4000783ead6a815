// Package simhash breaks doc: it has no doc.go.
package simhash
