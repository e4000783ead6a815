package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"tandem/pipeline"
)

func TestTaskSetRefuses(t *testing.T) {
	t.Parallel()
	nameless := upper
	nameless.Name = ""
	_, err := pipeline.NewTaskSet(upper, nameless, upper)
	if err == nil || !strings.Contains(err.Error(), "without a name") || !strings.Contains(err.Error(), `"upper" comes twice`) {
		t.Errorf("got %v, want both problems", err)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	c := pipeline.JSON[map[string]int]()
	b, err := c.Append([]byte("before "), map[string]int{"a": 1})
	if string(b) != `before {"a":1}` || err != nil {
		t.Errorf("got %s, %v", b, err)
	}
	if v, err := c.Decode([]byte(`{"a":1}`)); v["a"] != 1 || err != nil {
		t.Errorf("got %v, %v", v, err)
	}
}

// An input that cannot be encoded is the error of its own item, in both loops.
func TestInputThatCannotBeEncoded(t *testing.T) {
	t.Parallel()
	half := pipeline.Task[float64, float64]{Name: "half", In: pipeline.JSON[float64](), Out: pipeline.JSON[float64](),
		Do: func(_ context.Context, in float64, _ *pipeline.Ref) (float64, error) { return in / 2, nil }}
	set, err := pipeline.NewTaskSet(half)
	if err != nil {
		t.Fatal(err)
	}
	ex := pipeline.NewGoroutines(set, 2)
	defer ex.Close(context.Background())
	in := slices.Values([]float64{2, math.NaN(), 4})
	var got []string
	for out, err := range pipeline.Map(t.Context(), ex, half, in) {
		got = append(got, fmt.Sprint(out, err != nil))
	}
	if want := []string{"1 false", "0 true", "2 false"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	failed := 0
	for c := range pipeline.AsCompleted(t.Context(), ex, half, in) {
		if c.Err != nil && math.IsNaN(c.In) {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("%d failed, want 1", failed)
	}
}

// When ctx is over the loops end; every input that was pulled has been yielded.
func TestLoopsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	for name, loop := range map[string]func(context.Context, pipeline.Executor, iter.Seq[string]) iter.Seq[error]{
		"Map": func(ctx context.Context, ex pipeline.Executor, in iter.Seq[string]) iter.Seq[error] {
			return func(yield func(error) bool) {
				for _, err := range pipeline.Map(ctx, ex, upper, in) {
					if !yield(err) {
						return
					}
				}
			}
		},
		"AsCompleted": func(ctx context.Context, ex pipeline.Executor, in iter.Seq[string]) iter.Seq[error] {
			return func(yield func(error) bool) {
				for c := range pipeline.AsCompleted(ctx, ex, upper, in) {
					if !yield(c.Err) {
						return
					}
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ex := pipeline.NewGoroutines(tasks(), 2)
			defer ex.Close(context.Background())
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			pulled, yielded := 0, 0
			endless := func(yield func(string) bool) {
				for pulled++; yield("x"); pulled++ {
				}
			}
			for err := range loop(ctx, ex, endless) {
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				if yielded++; yielded == 50 {
					cancel()
				}
			}
			if yielded < 50 || pulled != yielded {
				t.Errorf("%d pulled, %d yielded", pulled, yielded)
			}
		})
	}
}

func TestPanicOfTheSequence(t *testing.T) {
	t.Parallel()
	ex := pipeline.NewGoroutines(tasks(), 2)
	defer ex.Close(context.Background())
	defer func() {
		if v := recover(); v != "sequence" {
			t.Errorf("recovered %v, want the panic of the sequence", v)
		}
	}()
	for range pipeline.AsCompleted(t.Context(), ex, upper, func(yield func(string) bool) {
		yield("x")
		panic("sequence")
	}) {
	}
}
