package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"tandem/processor"
)

// TestStopped stops runs by SIGINT and by SIGKILL. The same command finishes
// them, with the rows of a run that nobody stopped.
func TestStopped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := writeArchive(dir, 300); err != nil {
		t.Fatal(err)
	}
	args := func(out string) []string {
		return []string{"run", dir, "-o", out, "--format", "jsonl", "--workers", "2", "-q", "--json"}
	}
	calm := t.TempDir()
	if out, err := program(t, args(calm)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGKILL} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			out := t.TempDir()
			code, took := stopAt(t, program(t, args(out)...), out, sig)
			if sig == syscall.SIGINT && (code != 130 || took > 5*time.Second) {
				t.Errorf("exit code %d after %v", code, took)
			}
			b, err := program(t, args(out)...).Output()
			if err != nil {
				t.Fatal(err)
			}
			var sum processor.Summary
			if err := json.Unmarshal(b, &sum); err != nil {
				t.Fatal(err)
			}
			if sum.SkippedBy["finished"] == 0 || sum.Items == 0 {
				t.Errorf("second start: %d finished, %d computed: the first was not stopped in the middle", sum.SkippedBy["finished"], sum.Items)
			}
			sameTables(t, calm, out)
		})
	}
}

// stopAt starts the command, signals it once results are being written, and
// returns its exit code and how long it took to end.
func stopAt(t *testing.T, cmd *exec.Cmd, out string, sig syscall.Signal) (code int, took time.Duration) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for {
		open, err := filepath.Glob(filepath.Join(out, "dataset", "parts", "*.open"))
		if err != nil {
			t.Fatal(err)
		}
		if len(open) > 0 {
			if info, err := os.Stat(open[0]); err == nil && info.Size() > 0 {
				break
			}
		}
		if t.Context().Err() != nil {
			t.Fatal("no result was ever written")
		}
		time.Sleep(time.Millisecond)
	}
	begin := time.Now()
	if err := cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) {
		t.Fatalf("ended with %v", err)
	}
	return exit.ExitCode(), time.Since(begin)
}

func sameTables(t *testing.T, a, b string) {
	t.Helper()
	for _, name := range []string{"documents/20260102T030405Z.jsonl", "quarantine.jsonl"} {
		x, err := os.ReadFile(filepath.Join(a, "dataset", name))
		if err != nil {
			t.Fatal(err)
		}
		y, err := os.ReadFile(filepath.Join(b, "dataset", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(x, y) {
			t.Errorf("%s differs: %d and %d bytes", name, len(x), len(y))
		}
	}
}
