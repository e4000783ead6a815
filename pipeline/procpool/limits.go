package procpool

import (
	"fmt"
	"os"
	"runtime/debug"
)

// softLimit is what of a memory limit the garbage collector is to keep within.
func softLimit(memory int64) int64 { return memory / 5 * 4 }

// recycleLimit is what of a memory limit a worker may hold between calls. The hard limit also counts what is mapped and
// not held, thread stacks for one, so this leaves some room.
func recycleLimit(memory int64) int64 { return memory / 10 * 7 }

// lazyGC is the garbage collector's percentage in a worker with a memory limit, where GOGC does not say otherwise: memory
// that is granted anyway is spent on collecting less often.
const lazyGC = 200

// limitCollector has the garbage collector keep within the soft limit, and says how.
func limitCollector(memory int64) string {
	debug.SetMemoryLimit(softLimit(memory))
	if os.Getenv("GOGC") != "" {
		return fmt.Sprintf("garbage collector %d MiB", softLimit(memory)>>20)
	}
	debug.SetGCPercent(lazyGC)
	return fmt.Sprintf("garbage collector %d MiB, %d %%", softLimit(memory)>>20, lazyGC)
}
