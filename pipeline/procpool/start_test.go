package procpool_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"tandem/pipeline"
	"tandem/pipeline/procpool"
)

// What does not fit fails the start, says so, and leaves nothing behind.
func TestStartFails(t *testing.T) {
	t.Parallel()
	other := echo
	other.Version = 2
	newer, err := pipeline.NewTaskSet(other, rough("unheard-of", nil))
	if err != nil {
		t.Fatal(err)
	}
	rough := []string{roughEnv + "=1"}
	for _, c := range []struct {
		name string
		cfg  procpool.Config
		want []string
	}{
		{"other version", procpool.Config{Tasks: newer, Env: rough}, []string{
			`task "echo": the pool has version 2, the worker version 1`,
			`task "unheard-of": the pool has version 1, the worker does not have it`}},
		{"no such program", procpool.Config{Tasks: roughTasks(), Command: []string{"/no/such/program"}},
			[]string{`start worker "/no/such/program"`, "no such file"}},
		{"not a worker", procpool.Config{Tasks: roughTasks(), Command: []string{"true"}},
			[]string{"does it call procpool.Serve?", "exit status 0"}},
		{"complains and ends", procpool.Config{Tasks: roughTasks(), Command: []string{"sh", "-c", "echo my reason >&2; exit 5"}},
			[]string{"exit status 5", "my reason"}},
		{"garbage", procpool.Config{Tasks: roughTasks(), Command: []string{"sh", "-c", "echo this is not a frame >&4; cat"}},
			[]string{"garbled frame"}},
		{"silent", procpool.Config{Tasks: roughTasks(), Command: []string{"sleep", "600"}, StartTimeout: 50 * time.Millisecond},
			[]string{"not ready after 50ms"}},
		{"no tasks", procpool.Config{Workers: -1}, []string{"Tasks is nil", "Workers is -1"}},
		{"too much", procpool.Config{Tasks: roughTasks(), Backlog: 1 << 40}, []string{"Backlog is 1099511627776"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pool, err := procpool.New(t.Context(), c.cfg)
			if err == nil {
				t.Fatal("started", pool.Close(t.Context()))
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant %s", err, want)
				}
			}
		})
	}
}

func TestStartCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := procpool.New(ctx, procpool.Config{Tasks: roughTasks(), Command: []string{"sleep", "600"}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestServeOutsideAPool(t *testing.T) {
	t.Parallel()
	if err := procpool.Serve(t.Context(), roughTasks()); !errors.Is(err, procpool.ErrNotWorker) {
		t.Errorf("got %v, want ErrNotWorker", err)
	}
}
