//go:build !race

package procpool_test

const raceEnabled = false
