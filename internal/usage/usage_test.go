package usage

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

const childEnv = "TANDEM_USAGE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		_, rss := Self()
		os.Stdout.WriteString(strconv.FormatInt(rss, 10))
		return
	}
	os.Exit(m.Run())
}

func TestSelfCountsProcessorTime(t *testing.T) {
	t.Parallel()
	before, rss := Self()
	if rss < 1<<20 {
		t.Errorf("peak memory %d bytes: a Go program has more", rss)
	}
	x := uint64(1)
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		for range 1_000_000 {
			x = x*6364136223846793005 + 1442695040888963407
		}
		if after, _ := Self(); after-before >= 20*time.Millisecond {
			return
		}
	}
	t.Errorf("computing %d for ten seconds cost less than 20 ms", x)
}

// A program does not report the peak of the process that started it.
func TestPeakIsNotInherited(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells the peak of the program alone")
	}
	hold := make([]byte, 200<<20)
	for i := range hold {
		hold[i] = 1
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"=1")
	out, err := cmd.Output()
	runtime.KeepAlive(hold)
	if err != nil {
		t.Fatal(err)
	}
	rss, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil || rss <= 0 || rss > 150<<20 {
		t.Errorf("the child says %q (%v); its parent held %d bytes", out, err, len(hold))
	}
}
