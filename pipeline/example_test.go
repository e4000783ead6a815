package pipeline_test

import (
	"context"
	"errors"
	"strings"

	"tandem/pipeline"
)

// upper is a task: a named function with codecs for its input and its output.
var upper = pipeline.Task[string, string]{
	Name: "upper", Version: 1,
	In: pipeline.Text(), Out: pipeline.Text(),
	Do: func(_ context.Context, in string, _ *pipeline.Ref) (string, error) {
		if in == "" {
			return "", errors.New("nothing to raise")
		}
		return strings.ToUpper(in), nil
	},
}

// tasks returns the set that the executors of these examples are given.
func tasks() *pipeline.TaskSet {
	set, err := pipeline.NewTaskSet(upper)
	if err != nil {
		panic(err)
	}
	return set
}
