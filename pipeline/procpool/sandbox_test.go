package procpool_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"tandem/pipeline/procpool"
)

// try does what a sandbox is to forbid, and what it is to leave alone. Its result says how that went.
func try(_ context.Context, in string) (string, error) {
	verb, path, _ := strings.Cut(in, " ")
	var err error
	switch verb {
	case "dial":
		_, err = net.Dial("tcp", path)
	case "run":
		err = exec.Command("/bin/true").Run()
	case "write":
		err = os.WriteFile(path, []byte("x"), 0o600)
	case "trace": // a process that is not there
		if err = syscall.PtraceDetach(math.MaxInt32); errors.Is(err, syscall.ESRCH) {
			err = nil
		}
	case "read":
		_, err = os.ReadFile(path)
	default:
		return "", fmt.Errorf("unknown verb %q", verb)
	}
	switch {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		return "forbidden", nil
	case err != nil:
		return "", err
	}
	return "done", nil
}

func TestSandbox(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("there is no sandbox on this system")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	readable, writable := t.TempDir()+"/r", t.TempDir()+"/w"
	if err := os.WriteFile(readable, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, inside := range map[procpool.Sandbox]bool{procpool.SandboxOff: false, procpool.SandboxAuto: true} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			pool := openRough(t, procpool.Config{Workers: 1, Sandbox: mode})
			limits := strings.Join(pool.Stats().Limits, "; ")
			seccomp, landlock := strings.Contains(limits, "(seccomp)"), strings.Contains(limits, "(Landlock ABI")
			if inside && !seccomp && !landlock || !inside && (seccomp || landlock) {
				t.Errorf("limits: %s", limits)
			}
			for verb, forbidden := range map[string]bool{
				"dial " + listener.Addr().String(): seccomp,
				"run":                              seccomp || landlock,
				"trace":                            seccomp,
				"write " + writable + string(mode): landlock,
				"read " + readable:                 false,
			} {
				want := map[bool]string{true: "forbidden", false: "done"}[forbidden]
				if got, err := tries.Result(t.Context(), call(t, pool, tries, verb)); got != want || err != nil {
					t.Errorf("%s: got %q, %v; want %q with %s", verb, got, err, want, limits)
				}
			}
			t.Log(limits)
		})
	}
}

// What a sandbox that is required lacks keeps the pool from starting.
func TestSandboxRequired(t *testing.T) {
	t.Parallel()
	pool, err := procpool.New(t.Context(), procpool.Config{Tasks: roughTasks(), Workers: 1,
		Env: []string{roughEnv + "=1"}, Sandbox: procpool.SandboxRequire})
	if err != nil {
		if !strings.Contains(err.Error(), "sandbox: ") {
			t.Errorf("got %v, want what the sandbox lacks", err)
		}
		return
	}
	limits := strings.Join(pool.Stats().Limits, "; ")
	if !strings.Contains(limits, "(seccomp)") || !strings.Contains(limits, "(Landlock ABI") {
		t.Errorf("it started with %s", limits)
	}
	if err := pool.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := procpool.New(t.Context(), procpool.Config{Tasks: roughTasks(), Sandbox: "perhaps"}); err == nil {
		t.Error("a sandbox called perhaps was accepted")
	}
}
