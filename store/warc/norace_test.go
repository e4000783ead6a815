//go:build !race

package warc

const allocations = 1
