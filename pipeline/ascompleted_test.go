package pipeline_test

import (
	"context"
	"slices"
	"testing"

	"tandem/pipeline"
)

// A panic while an input is encoded is raised again in the loop, like one of the sequence.
func TestAsCompletedEncoderPanics(t *testing.T) {
	task := pipeline.Task[string, string]{Name: "same", Version: 1, In: pipeline.Text(), Out: pipeline.Text(),
		Do: func(_ context.Context, in string, _ *pipeline.Ref) (string, error) { return in, nil }}
	set, err := pipeline.NewTaskSet(task)
	if err != nil {
		t.Fatal(err)
	}
	ex := pipeline.NewSerial(set)
	defer ex.Close(t.Context())
	task.In.Append = func([]byte, string) ([]byte, error) { panic("no such letter") }
	defer func() {
		if v := recover(); v != "no such letter" {
			t.Errorf("recovered %v", v)
		}
	}()
	for range pipeline.AsCompleted(t.Context(), ex, task, slices.Values([]string{"x"})) {
		t.Error("a result")
	}
}
