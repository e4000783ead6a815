//go:build race

package warc

// allocations is how many times more is allocated under the race detector, which has pools forget a part of what they are given.
const allocations = 16
