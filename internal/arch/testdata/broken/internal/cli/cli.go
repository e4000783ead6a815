package cli

import (
	"os"
	"os/signal"
)

var _, _ = os.Exit, signal.Notify
