//go:build !linux

package usage

import "time"

// Queued is 0: this system does not tell.
func Queued() time.Duration { return 0 }
