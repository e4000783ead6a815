package procpool_test

import (
	"errors"
	"testing"
	"time"

	"tandem/pipeline"
	"tandem/pipeline/pipelinetest"
	"tandem/pipeline/procpool"
)

func TestPool(t *testing.T) {
	pipelinetest.RunExecutor(t, pipelinetest.Harness{
		New: func(t *testing.T) pipeline.Executor {
			return open(t, procpool.Config{Workers: 2, GracePeriod: time.Second})
		},
		NewContaining: func(t *testing.T) pipeline.Executor {
			return open(t, procpool.Config{Workers: 2, ItemTimeout: time.Second})
		},
		Crashed: func(err error) (string, int, bool) {
			var ce *procpool.CrashError
			if !errors.As(err, &ce) {
				return "", 0, false
			}
			return string(ce.Reason), ce.Attempts, true
		},
	})
}

// open returns a pool of the suite's tasks; the caller closes it.
func open(t testing.TB, cfg procpool.Config) *procpool.Pool {
	t.Helper()
	if cfg.Tasks == nil {
		cfg.Tasks = pipelinetest.Tasks()
	}
	pool, err := procpool.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return pool
}
