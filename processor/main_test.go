package processor

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"tandem/pipeline/procpool"
)

// TestMain lets the test binary be its own worker process.
func TestMain(m *testing.M) {
	if procpool.IsWorker() {
		tasks, err := Tasks()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(procpool.Main(context.Background(), tasks))
	}
	goleak.VerifyTestMain(m)
}
