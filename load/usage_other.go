//go:build !unix

package load

import "time"

// usage is not known on this system.
func usage() (cpu time.Duration, maxRSS int64) { return 0, 0 }
