package procpool_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"tandem/pipeline/pipelinetest"
	"tandem/pipeline/procpool"
)

const (
	roughEnv  = "PROCPOOL_TEST_ROUGH"  // a worker with the rough tasks, not the suite's
	rogueEnv  = "PROCPOOL_TEST_ROGUE"  // a worker that breaks the protocol once, and leaves this file
	parentEnv = "PROCPOOL_TEST_PARENT" // a program that opens a pool and waits to be killed
)

func TestMain(m *testing.M) {
	switch ctx := context.Background(); {
	case procpool.IsWorker() && os.Getenv(rogueEnv) != "":
		os.Exit(beRogue(os.Getenv(rogueEnv)))
	case procpool.IsWorker() && os.Getenv(roughEnv) != "":
		os.Exit(procpool.Main(ctx, roughTasks()))
	case procpool.IsWorker():
		os.Exit(procpool.Main(ctx, pipelinetest.Tasks()))
	case os.Getenv(parentEnv) != "":
		os.Exit(parentMain(ctx))
	}
	code := m.Run()
	if err := goleak.Find(); err != nil {
		fmt.Fprintf(os.Stderr, "goroutines left: %v\n", err)
		code = max(code, 1)
	}
	if left := children(); len(left) > 0 {
		fmt.Fprintf(os.Stderr, "processes left: %s\n", left)
		code = max(code, 1)
	}
	os.Exit(code)
}

// children returns the numbers of this process's children, zombies included; Linux only.
func children() []string {
	files, _ := filepath.Glob("/proc/self/task/*/children")
	var all []string
	for _, f := range files {
		b, _ := os.ReadFile(f)
		for _, pid := range bytes.Fields(b) {
			all = append(all, string(pid))
		}
	}
	return all
}
