package fast_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"

	"tandem/internal/transport"
	"tandem/load/engine"
	"tandem/load/engine/fast"
	"tandem/load/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const loops = 2

// owner closes the client that the engine has its addresses from.
type owner struct {
	engine.Engine
	client *transport.Client
}

func (o *owner) Close() error { return errors.Join(o.Engine.Close(), o.client.Close()) }

func subject(group time.Duration) enginetest.Subject {
	return enginetest.Subject{
		Pipelines: true,
		New: func(t testing.TB, o enginetest.Options) engine.Engine {
			client := o.Client(t)
			e, err := fast.New(fast.Config{
				HostPort: o.Origin.HostPort, UserAgent: "test", Pipeline: o.Pipeline, Group: group, Loops: loops,
				Addresses: func(ctx context.Context) ([]netip.AddrPort, error) { return client.Addresses(ctx, o.Origin, true) },
			})
			if err != nil {
				t.Skip(err)
			}
			return &owner{e, client}
		},
	}
}

func TestConformance(t *testing.T) { enginetest.Run(t, subject(0)) }

// Sends in groups, whose answers the kernel times.
func TestConformanceGrouped(t *testing.T) {
	s := subject(500 * time.Microsecond)
	s.Again = true
	enginetest.Run(t, s)
}

func TestHonesty(t *testing.T) { enginetest.Honesty(t, subject(500*time.Microsecond), 0.25) }

// BenchmarkHonesty is for a quiet machine.
func BenchmarkHonesty(b *testing.B) {
	for range b.N {
		enginetest.Honesty(b, subject(500*time.Microsecond), 0.1)
	}
}
