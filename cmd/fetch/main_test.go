package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

// TestMain lets the test binary play fetch in the scripts, and a server that can be
// stopped.
func TestMain(m *testing.M) {
	if os.Getenv(serverEnv) != "" {
		if err := beServer(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	testscript.Main(suite{m}, map[string]func(){"fetch": main, "tandem-fetch": main})
}

// suite removes what the tests share, and looks for goroutines that they left.
type suite struct{ m *testing.M }

func (s suite) Run() int {
	code := s.m.Run()
	if dir, err := shared(); err == nil {
		_ = os.RemoveAll(dir)
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// shared is a folder for what is made once.
var shared = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "fetch-test") })

// program builds fetch as it is shipped, but with failpoints, and returns its
// path. It is a program of its own because the tests kill it, and because the
// test binary may be slowed down by the race detector.
var program = sync.OnceValues(func() (string, error) {
	dir, err := shared()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "fetch")
	cmd := exec.Command("go", "build", "-tags", "failpoint", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build fetch: %w\n%s", err, out)
	}
	return path, nil
})
