package procpool_test

import (
	"context"
	"os"
	"testing"

	"go.uber.org/goleak"

	"tandem/pipeline/pipelinetest"
	"tandem/pipeline/procpool"
)

func TestMain(m *testing.M) {
	if procpool.IsWorker() {
		os.Exit(procpool.Main(context.Background(), pipelinetest.Tasks()))
	}
	goleak.VerifyTestMain(m)
}
