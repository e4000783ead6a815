//go:build !linux

package fast

import (
	"context"

	"tandem/load/engine"
)

// Available tells whether the engine works on this system.
const Available = false

type loop struct{}

// Run fails.
func (e *Engine) Run(context.Context, *engine.Job) error { return errPlatform }

// Close does nothing.
func (e *Engine) Close() error { return nil }
