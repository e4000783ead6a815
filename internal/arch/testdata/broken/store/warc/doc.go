// Package warc breaks no-network by a library.
package warc
