package fast

import (
	"runtime"
	"sync"
)

// processors guards the number of the process's processors: several engines may change it.
var processors sync.Mutex

// hold gives the process n processors more, and returns what takes them away. A loop keeps its processor through short waits; without
// others, a server in the same process would have its turn when those end, some thousand times a second.
func hold(n int) (release func()) {
	change := func(by int) {
		processors.Lock()
		defer processors.Unlock()
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + by)
	}
	change(n)
	return func() { change(-n) }
}
