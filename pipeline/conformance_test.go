package pipeline_test

import (
	"testing"

	"tandem/pipeline"
	"tandem/pipeline/pipelinetest"
)

func TestSerial(t *testing.T) {
	pipelinetest.RunExecutor(t, pipelinetest.Harness{
		New:    func(*testing.T) pipeline.Executor { return pipeline.NewSerial(pipelinetest.Tasks()) },
		Serial: true,
	})
}

func TestGoroutines(t *testing.T) {
	pipelinetest.RunExecutor(t, pipelinetest.Harness{
		New: func(*testing.T) pipeline.Executor { return pipeline.NewGoroutines(pipelinetest.Tasks(), 2) },
	})
}

// The executor of ExamplePromise keeps what it says.
func TestPerCall(t *testing.T) {
	pipelinetest.RunExecutor(t, pipelinetest.Harness{
		New: func(*testing.T) pipeline.Executor { return newPerCall(pipelinetest.Tasks(), 2) },
	})
}
