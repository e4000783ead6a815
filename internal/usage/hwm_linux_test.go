package usage

import "testing"

func TestHWM(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]int64{
		"Name:\tx\nVmPeak:\t   9 kB\nVmHWM:\t     1234 kB\nVmRSS:\t 5 kB\n": 1234,
		"Name:\tVmHWM: 7 kB\n": -1,
		"a\nVmHWM:\t12 MB\n":   -1,
		"a\nVmHWM:":            -1,
		"":                     -1,
	} {
		kb, ok := hwm([]byte(status))
		if !ok {
			kb = -1
		}
		if kb != want {
			t.Errorf("hwm(%q) = %d, want %d", status, kb, want)
		}
	}
}
