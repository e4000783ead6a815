package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestLoadFewDescriptors asks for more connections than the process may have files: those that it can have do the work to the end, the others
// are counted, and the result says that it is about the client.
func TestLoadFewDescriptors(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"fast", "fasthttp"} {
		for _, loop := range []string{"--rate=0", "--rate=2000/s"} {
			t.Run(engine+" "+loop, func(t *testing.T) {
				t.Parallel()
				var mu sync.Mutex
				var first, last time.Time
				url := serving(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					mu.Lock()
					if last = time.Now(); first.IsZero() {
						first = last
					}
					mu.Unlock()
					<-time.After(time.Millisecond)
				}))
				p := within(t, 64, "load", url, "--engine", engine, loop, "-c", "200", "-d", "2s", "--json", "-q")
				if code := p.wait(); code != 3 {
					t.Fatalf("exit code %d, want 3\n%s", code, p.err.String())
				}
				checkJSONs(t, p, "state=complete", "client.verdict=client-limited", "errors.resources>=1", "requests.completed>=500")
				mu.Lock()
				defer mu.Unlock()
				if d := last.Sub(first); d < 1500*time.Millisecond {
					t.Errorf("the server was asked for %v of 2 s", d)
				}
			})
		}
	}
}

// TestLoadFewPorts asks for more connections than there are ports, in a network of its own.
func TestLoadFewPorts(t *testing.T) {
	t.Parallel()
	exe, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("unshare", "-n", "sh", "-c", "ip link set lo up && echo 40000 40015 >/proc/sys/net/ipv4/ip_local_port_range").CombinedOutput(); err != nil {
		t.Skipf("no network of our own here: %v, %s", err, out)
	}
	for _, engine := range []string{"fast", "fasthttp"} {
		for _, more := range []string{"--rate=0", "--rate=1000/s", "--keepalive=false"} {
			if engine == "fast" && more == "--keepalive=false" {
				continue // that engine keeps its connections
			}
			t.Run(engine+" "+more, func(t *testing.T) {
				t.Parallel()
				const script = `ip link set lo up && echo 40000 40015 >/proc/sys/net/ipv4/ip_local_port_range || exit 99
"$0" serve dir "$1" --addr 127.0.0.1:8080 >serving & server=$!
until [ -s serving ]; do sleep 0.05; done
"$0" load http://127.0.0.1:8080/index.html --engine "$2" "$3" -c 40 -d 1s --json -q; code=$?
kill $server; wait $server; exit $code`
				p := startCommandIn(t, t.TempDir(), "unshare", "-n", "sh", "-c", script, exe, dir, engine, more)
				if code := p.wait(); code != 3 {
					t.Fatalf("exit code %d, want 3\n%s\n%s", code, p.out.String(), p.err.String())
				}
				checkJSONs(t, p, "state=complete", "client.verdict=client-limited", "errors.resources>=1", "requests.completed>=1")
			})
		}
	}
}

// TestLoadStarved has the client share one core with programs that never rest: it says so, and what it measured is not taken for the server's.
func TestLoadStarved(t *testing.T) {
	if runtime.NumCPU() < 2 {
		t.Skip("the server needs a core of its own")
	}
	core := lastCore(t)
	url := speaking(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	const spinners = 8
	var crowd []*exec.Cmd
	for range spinners {
		c := exec.Command("taskset", "-c", core, "sh", "-c", "while :; do :; done")
		c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := c.Start(); err != nil {
			t.Skipf("taskset: %v", err)
		}
		crowd = append(crowd, c)
	}
	defer func() {
		for _, c := range crowd {
			_ = c.Process.Kill()
			_ = c.Wait()
		}
	}()
	exe, err := program()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][2]string{{"fast", "--rate=0"}, {"fast", "--rate=3000/s"}, {"fasthttp", "--rate=3000/s"}, {"http2", "--rate=0"}} {
		p := startCommand(t, "GOMAXPROCS=1", "taskset", "-c", core, exe, "load", url, "--engine", row[0], row[1], "-d", "1500ms", "--json", "-q")
		if code := p.wait(); code != 3 {
			t.Errorf("%v: exit code %d, want 3\n%s\n%s", row, code, p.out.String(), p.err.String())
		}
		checkJSONs(t, p, "client.verdict=client-limited")
	}
}

// lastCore is the last one of those that this process may use.
func lastCore(t *testing.T) string {
	t.Helper()
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		t.Skip(err)
	}
	last := -1
	for i := range 1024 {
		if set.IsSet(i) {
			last = i
		}
	}
	return strconv.Itoa(last)
}

// startCommandIn is startCommand in a folder.
func startCommandIn(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	return startCommand(t, "", "sh", "-c", fmt.Sprintf("cd '%s' && exec %s", dir, strings.Join(quoted, " ")))
}
