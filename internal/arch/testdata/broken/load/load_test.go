package load

import (
	"time"

	_ "broken/processor"
)

func wait() { time.Sleep(1) }
