package fasthttp_test

import (
	"testing"

	"go.uber.org/goleak"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/engine/fasthttp"
	"tandem/load/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func subject() enginetest.Subject {
	return enginetest.Subject{
		Origins: true, Contents: true,
		New: func(t testing.TB, o enginetest.Options) engine.Engine {
			return fasthttp.New(o.Client(t), transport.SessionConfig{})
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
