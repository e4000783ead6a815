package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/crawler"
	"tandem/internal/site"
)

// TestFullDisk crawls onto a disk that fills up, at several moments: the run
// fails at once with a message that says so, and when there is room again the
// same command completes the set.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	const filled = `
		head -c 40m /dev/zero > "$1/filler" 2> /dev/null
		truncate -s -%[1]s "$1/filler"`
	for free, disk := range map[string]struct{ size, fill, room string }{
		"12k":   {"40m", filled, `rm "$DISK/filler"`},
		"200k":  {"40m", filled, `rm "$DISK/filler"`},
		"600k":  {"40m", filled, `rm "$DISK/filler"`},
		"1000k": {"40m", filled, `rm "$DISK/filler"`},
		"2m":    {"2m", "", `mount -o remount,size=40m "$DISK"`}, // a small disk that grows
	} {
		t.Run(free, func(t *testing.T) {
			t.Parallel()
			s, url := synthetic(t, everything(300))
			dir := t.TempDir()
			folder := filepath.Join(dir, "disk")
			crawl := gentle(filepath.Join(folder, "out"), url)
			p := onDisk(t, folder, "size="+disk.size, strings.ReplaceAll(disk.fill, "%[1]s", free)+`
				shift; "$@"; code=$?; echo "full: $code"
				`+disk.room+`
				"$@"; code=$?; echo "roomy: $code"
				cp -r "$DISK/out" "$DISK/../kept"`, crawl...)
			waitUntil(t, p, "the end of the first run", func() bool { return strings.Contains(p.out.String(), "full: ") })
			if log := s.Log(); len(log) > 0 { // a run may end before it asks for anything
				if took := time.Since(log[len(log)-1].Time); took > 5*time.Second {
					t.Errorf("stopped %v after the last request, want at most 5 s", took)
				}
			}
			checkRoomy(t, p, dir, s, url)
		})
	}
}

// checkRoomy checks the two runs of TestFullDisk: the first failed for want of
// space and said so, the second completed the set.
func checkRoomy(t *testing.T, p *process, dir string, s *site.SyntheticSite, url string) {
	t.Helper()
	if code := p.wait(); code != 0 {
		t.Fatalf("the script ended with %d\n%s%s", code, p.out.String(), p.err.String())
	}
	if out := p.out.String(); !strings.Contains(out, "full: 1\n") || !strings.Contains(out, "roomy: 0\n") {
		t.Fatalf("exit codes: want 1 on the full disk and 0 then\n%s%s", out, p.err.String())
	}
	for _, want := range []string{"no space left on device", "fetch: hint: free space"} {
		if !strings.Contains(p.err.String(), want) {
			t.Errorf("no %q in\n%s", want, p.err.String())
		}
	}
	kept := filepath.Join(dir, "kept")
	sum := readSummary(t, kept)
	runs := checkedArchive(t, kept)
	if sum.State != crawler.Complete || len(runs) != 1 {
		t.Fatalf("state %s, %d runs; want one that is complete", sum.State, len(runs))
	}
	checkTruth(t, kept, runs[sum.Run], s, url)
	checkRequests(t, s, 0, inFlight, true)
}

// TestReadOnlyDisk: a crawl into a disk that cannot be written ends before the
// first request.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	s, url := synthetic(t, everything(20))
	disk := filepath.Join(t.TempDir(), "disk")
	for _, out := range []string{disk, filepath.Join(disk, "deep", "out")} {
		p := onDisk(t, disk, "ro", `shift; exec "$@"`, gentle(out, url)...)
		if code := p.wait(); code != 1 {
			t.Errorf("exit code %d, want 1", code)
		}
		for _, want := range []string{"read-only file system", fmt.Sprintf("%q", out), "fetch: hint: name a writable directory"} {
			if !strings.Contains(p.err.String(), want) {
				t.Errorf("no %q in\n%s", want, p.err.String())
			}
		}
	}
	if n := len(s.Log()); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

// onDisk runs a shell script with fetch and its arguments as "$@", behind the
// folder of a small disk, which only that script sees and which ends with it.
func onDisk(t *testing.T, disk, options, script string, args ...string) *process {
	t.Helper()
	if err := os.MkdirAll(disk, 0o755); err != nil {
		t.Fatal(err)
	}
	namespace := []string{"unshare", "--mount", "--map-root-user"}
	if os.Geteuid() == 0 {
		namespace = namespace[:2]
	}
	mount := []string{"mount", "-t", "tmpfs", "-o", options, "tmpfs", disk}
	try := append(append([]string{}, namespace[1:]...), mount...)
	if out, err := exec.Command(namespace[0], try...).CombinedOutput(); err != nil {
		t.Skipf("no disk can be mounted here: %v\n%s", err, out)
	}
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	shell := append(namespace[1:], "sh", "-c", strings.Join(mount[:6], " ")+` "$1" || exit 91; `+script, "sh", disk, path)
	return startCommand(t, "DISK="+disk, namespace[0], append(shell, args...)...)
}
