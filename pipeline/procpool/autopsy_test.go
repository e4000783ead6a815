package procpool

import "testing"

// The last words of workers that hit their memory limit, as seen.
func TestLastWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text            string
		memory, starved bool
	}{
		{"fatal error: runtime: out of memory\n\nruntime stack:\n", true, false},
		{"runtime: cannot allocate memory\n", true, false},
		{"runtime/cgo: pthread_create failed: Resource temporarily unavailable\nSIGABRT: abort\n", true, false},
		{"fatal error: unexpected signal during runtime execution\n[signal SIGSEGV: segmentation violation]\n\n" +
			"runtime stack:\nruntime.throw({0x1, 0x2})\nruntime.(*spanQueue).tryDrain(0x0)\n", false, true},
		{"panic: out of memory, says the task\n", false, false},
		{"fatal error: unexpected signal during runtime execution\nmain.theirs()\n", false, false},
	} {
		if m, s := outOfMemory.MatchString(c.text), starved.MatchString(c.text); m != c.memory || s != c.starved {
			t.Errorf("%q: memory %v, starved %v; want %v, %v", c.text, m, s, c.memory, c.starved)
		}
	}
}
