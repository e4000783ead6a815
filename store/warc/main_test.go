package warc

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain sees to it that neither the zstd encoder nor its decoder leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
