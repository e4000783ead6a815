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
