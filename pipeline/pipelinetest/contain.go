package pipelinetest

import (
	"testing"

	"tandem/pipeline"
)

// runContainment checks that what a task does to its process costs that one call.
func runContainment(t *testing.T, h Harness) {
	for _, c := range []struct {
		name     string
		task     pipeline.Task[string, string]
		reason   string
		attempts int
	}{
		{"exit", exits, "crash", 2},
		{"kill", killed, "crash", 4}, // as if by anybody: that alone proves nothing about the call
		{"panic in a goroutine", crashy, "crash", 2},
		{"endless loop", loops, "deadline", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ex := open(t, h)
			var neighbours []*pipeline.Future
			in := numbers(200)
			for _, s := range in[:100] {
				neighbours = append(neighbours, submit(t, ex, echo, s))
			}
			bad := submit(t, ex, c.task, "bad")
			for _, s := range in[100:] {
				neighbours = append(neighbours, submit(t, ex, echo, s))
			}
			for i, f := range neighbours {
				if got, err := echo.Result(t.Context(), f); got != in[i] || err != nil {
					t.Errorf("neighbour %d: got %q, %v", i, got, err)
				}
			}
			_, err := bad.Wait(t.Context())
			reason, attempts, ok := h.Crashed(err)
			if !ok || reason != c.reason || attempts != c.attempts {
				t.Errorf("got %v, want a crash for the reason %s after %d attempts", err, c.reason, c.attempts)
			}
			wantEcho(t, ex)
		})
	}
	t.Run("flood of output", func(t *testing.T) {
		t.Parallel()
		ex := open(t, h)
		if got, err := floods.Result(t.Context(), submit(t, ex, floods, "line\n")); got != "line\n" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		wantEcho(t, ex)
	})
}
