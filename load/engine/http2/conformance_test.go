package http2_test

import (
	"errors"
	"testing"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/engine/http2"
	"tandem/load/enginetest"
)

// owner closes the client that the engine dials over.
type owner struct {
	engine.Engine
	client *transport.Client
}

func (o *owner) Close() error { return errors.Join(o.Engine.Close(), o.client.Close()) }

func subject() enginetest.Subject {
	return enginetest.Subject{
		HTTP2: true, Origins: true, Contents: true,
		New: func(t testing.TB, o enginetest.Options) engine.Engine {
			client := o.Client(t)
			return &owner{http2.New(http2.Config{Dial: http2.Over(client), UserAgent: "test"}), client}
		},
	}
}

func TestConformance(t *testing.T) { enginetest.Run(t, subject()) }

func TestHonesty(t *testing.T) { enginetest.Honesty(t, subject(), 0.25) }

// BenchmarkHonesty is for a quiet machine.
func BenchmarkHonesty(b *testing.B) {
	for range b.N {
		enginetest.Honesty(b, subject(), 0.1)
	}
}
