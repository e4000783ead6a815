//go:build !race

package processor

const underRace = false
