package load

import (
	"log"
	"os"
	sig "os/signal"
	clock "time"
)

func init() {
	clock.Sleep(1)
	sig.Notify(nil)
	log.Fatal()
	os.Exit(1)
}
