package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tandem/configs"
	"tandem/internal/report"
	"tandem/internal/units"
)

// run executes a small program whose only command returns err.
func run(err error, args ...string) (code int, stdout, stderr string) {
	var out, errOut bytes.Buffer
	root := &cobra.Command{Use: "x"}
	child := &cobra.Command{Use: "crawl [URL]", Short: "crawl", Args: cobra.MaximumNArgs(1), RunE: func(*cobra.Command, []string) error { return err }}
	var size units.Size
	var logs Logging
	child.Flags().Var(&size, "max-body", "cap")
	logs.Bind(root.PersistentFlags())
	root.AddCommand(child)
	root.SetOut(&out)
	root.SetErr(&errOut)
	code = Main("tandem-fetch", root, args...)
	return code, out.String(), errOut.String()
}

func TestMainMapsErrors(t *testing.T) {
	t.Parallel()
	wrong := configs.Parse("job.yaml", []byte("a: 1\nb: 2\n"), nil)
	for name, c := range map[string]struct {
		err    error
		args   string
		code   int
		stderr []string
	}{
		"done":            {nil, "crawl", ExitOK, nil},
		"plain error":     {errors.New("open x\x1b: no"), "crawl", ExitFailed, []string{"tandem-fetch: error: open x\\x1b: no\n"}},
		"failure":         {Fail(errors.New("no page"), "check the seeds"), "crawl", ExitFailed, []string{": error: no page\n", ": hint: check the seeds\n"}},
		"usage":           {Usagef("no OUT"), "crawl", ExitUsage, []string{": error: no OUT\n"}},
		"wrapped usage":   {fmt.Errorf("job: %w", Usagef("no OUT")), "crawl", ExitUsage, []string{": error: job: no OUT\n"}},
		"failed usage":    {Fail(Usagef("no OUT"), ""), "crawl", ExitUsage, []string{": error: no OUT\n"}},
		"job file":        {wrong, "crawl", ExitUsage, []string{": error: job.yaml:1:1: a: unknown", ": error: job.yaml:2:1: b: unknown"}},
		"interrupted":     {Interrupted("run it again"), "crawl", ExitInterrupted, []string{"tandem-fetch: stopped by the user\n", ": hint: run it again\n"}},
		"second signal":   {Fail(fmt.Errorf("crawl: %w", ErrInterrupted), ""), "crawl", ExitInterrupted, []string{"crawl: stopped by the user"}},
		"threshold":       {ThresholdError([]report.Result{{Expr: "pages>=5", Value: 4}}), "crawl", ExitThreshold, []string{": error: threshold pages>=5 failed: the value is 4\n"}},
		"unknown command": {nil, "crwal", ExitUsage, []string{`: error: unknown command "crwal"`, "hint: did you mean crawl?"}},
		"other command":   {nil, "zzzzzzz", ExitUsage, []string{`unknown command "zzzzzzz"`, `hint: "tandem-fetch --help"`}},
		"unknown flag":    {nil, "crawl --nope", ExitUsage, []string{"unknown flag: --nope", `hint: "tandem-fetch crawl --help"`}},
		"wrong value":     {nil, "crawl --max-body=5k", ExitUsage, []string{`size "5k"`, "64MiB"}},
		"wrong level":     {nil, "crawl --log-level=loud", ExitUsage, []string{"debug, info, warn, error"}},
		"too many":        {nil, "crawl a b", ExitUsage, []string{"accepts at most 1 arg"}},
		"no profile":      {nil, "crawl --cpuprofile=/nonexistent/x", ExitUsage, []string{"write profile"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := run(c.err, strings.Fields(c.args)...)
			if code != c.code || stdout != "" || (len(c.stderr) == 0) != (stderr == "") {
				t.Errorf("exit code %d, want %d; stdout %q, stderr %q", code, c.code, stdout, stderr)
			}
			for _, part := range c.stderr {
				if !strings.Contains(stderr, part) {
					t.Errorf("stderr lacks %q:\n%s", part, stderr)
				}
			}
		})
	}
}

func TestNilErrors(t *testing.T) {
	t.Parallel()
	for i, err := range []error{Usage(nil, "x"), Fail(nil, "x"), ThresholdError(nil)} {
		if err != nil {
			t.Errorf("%d: %v, want nil", i, err)
		}
	}
	if code := ExitCode(context.Canceled); code != ExitInterrupted {
		t.Errorf("a cancelled context is exit code %d", code)
	}
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	code, help, _ := run(nil, "crawl", "--help")
	if code != 0 || !strings.Contains(help, "tandem-fetch crawl [URL]") || strings.Contains(help, "cpuprofile") {
		t.Errorf("exit code %d, help\n%s", code, help)
	}
	code, text, _ := run(nil, "--version")
	if code != 0 || !strings.HasPrefix(text, "tandem-fetch ") || strings.Count(text, "\n") != 1 {
		t.Errorf("exit code %d, version %q", code, text)
	}
	info := &debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}}
	if got := describe("fetch", "v1", info); !strings.HasPrefix(got, "fetch v1 (revision abc, dirty) go") {
		t.Errorf("version %q", got)
	}
	if got := describe("fetch", "", nil); !strings.HasPrefix(got, "fetch devel (revision unknown) go") {
		t.Errorf("version %q", got)
	}
}

// Not parallel: profiles belong to the process.
func TestProfiles(t *testing.T) {
	dir := t.TempDir()
	cpu, trc := filepath.Join(dir, "cpu"), filepath.Join(dir, "trace")
	if code, _, stderr := run(nil, "crawl", "--cpuprofile", cpu, "--trace", trc); code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, path := range []string{cpu, trc} {
		if fi, err := os.Stat(path); err != nil || fi.Size() == 0 {
			t.Errorf("profile %s: %v, %v", path, fi, err)
		}
	}
}

// Not parallel: signals belong to the process.
func TestSignals(t *testing.T) {
	ctx, drain, stop := Signals(context.Background())
	defer stop()
	if drain.IsSet() {
		t.Fatal("drain is set before any signal")
	}
	kill := func(s syscall.Signal) {
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
	}
	kill(syscall.SIGTERM)
	<-drain.Done()
	if ctx.Err() != nil {
		t.Fatal("the first signal cancels the context")
	}
	kill(syscall.SIGINT)
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, ErrInterrupted) {
		t.Errorf("cause %v, want %v", cause, ErrInterrupted)
	}
	stop()
	stop()
}

func TestSignalsStop(t *testing.T) {
	ctx, drain, stop := Signals(context.Background())
	stop()
	if drain.IsSet() || ctx.Err() == nil || errors.Is(context.Cause(ctx), ErrInterrupted) {
		t.Errorf("after stop: drain %v, context %v", drain.IsSet(), context.Cause(ctx))
	}
}

func TestOverlayFlags(t *testing.T) {
	t.Parallel()
	type job struct {
		Size  units.Size
		N     int
		Seeds []string
		Allow []units.Pattern
		Kept  string
	}
	bind := func(fs *pflag.FlagSet, j *job) {
		fs.Var(&j.Size, "size", "")
		fs.IntVar(&j.N, "n", j.N, "")
		fs.StringArrayVar(&j.Seeds, "seed", j.Seeds, "")
		fs.Var(units.NewList(&j.Allow), "allow", "")
		fs.StringVar(&j.Kept, "kept", j.Kept, "")
	}
	defaults := job{Size: 1, N: 1, Seeds: []string{"default"}, Kept: "default"}
	given, flags := defaults, pflag.NewFlagSet("given", pflag.ContinueOnError)
	bind(flags, &given)
	flags.Bool("only-here", false, "")
	if err := flags.Parse([]string{"--size=2MiB", "--n=0", "--seed=a,b", "--seed=c", "--allow=x{1,2}", "--only-here"}); err != nil {
		t.Fatal(err)
	}
	got, onto := job{Size: 5, N: 5, Seeds: []string{"file"}, Kept: "file"}, pflag.NewFlagSet("job", pflag.ContinueOnError)
	bind(onto, &got)
	if err := OverlayFlags(flags, onto); err != nil {
		t.Fatal(err)
	}
	var p units.Pattern
	if err := p.Set("x{1,2}"); err != nil {
		t.Fatal(err)
	}
	want := job{Size: 2 * units.MiB, Seeds: []string{"a,b", "c"}, Allow: []units.Pattern{p}, Kept: "file"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("job (-want +got):\n%s", diff)
	}
}

func TestLogging(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	l := Logging{Writer: &b}
	fs := pflag.NewFlagSet("x", pflag.ContinueOnError)
	l.Bind(fs)
	l.Logger().Info("hidden")
	if err := fs.Parse([]string{"--log-level=debug", "--log-format=json"}); err != nil {
		t.Fatal(err)
	}
	l.Logger().Debug("shown", "n", 1)
	if got := b.String(); strings.Contains(got, "hidden") || !strings.Contains(got, `"msg":"shown","n":1`) {
		t.Errorf("log %q", got)
	}
}
