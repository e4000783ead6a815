package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tandem/internal/site"
)

// TestScripts runs the scenarios in testdata/script: what is typed, what is
// printed, how it exits. Beside the usual commands of testscript they have
//
//	site KIND      put a site on loopback; $URL is its address without a slash
//	served DIR     the same by `fetch serve dir DIR`
//	exits N CMD…   run a command and demand its exit code
//	requests N     the site was asked N times (robots.txt included)
//	await N        wait until it was
//	json FILE K=V… FILE (or stdout) is a JSON object with these values; K alone
//	               demands the key, K>=N and K<=N compare
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[stageKey{}] = &stage{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"site": stageSite, "served": stageServed, "exits": exits, "requests": requests, "await": awaitRequests, "json": checkJSON,
		},
	})
}

// stage is what one script has beside its folder.
type stage struct{ log *site.SyntheticSite }

type stageKey struct{}

func theStage(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

// kinds are the sites that scripts ask for.
var kinds = map[string]site.SyntheticOptions{
	"small":   {Seed: 1, Pages: 12, Links: 3, Images: 4, Redirects: 2, NotFound: 2, Chunked: 30, Gzip: 30, Robots: true, Private: 2},
	"page":    {Seed: 1, Pages: 1},
	"slow":    {Seed: 1, Pages: 200, Links: 3, Latency: 100 * time.Millisecond},
	"refused": {Seed: 1, Pages: 3, Robots: true},
	"missing": {Seed: 1, Pages: 1},
}

func stageSite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: site KIND")
	}
	opt, ok := kinds[args[0]]
	if !ok {
		ts.Fatalf("no site of kind %q", args[0])
	}
	s, err := site.Synthetic(opt)
	ts.Check(err)
	srv, err := site.Serve(context.Background(), "127.0.0.1:0", disturbed(args[0], s))
	ts.Check(err)
	ts.Defer(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = srv.Close(ctx)
	})
	theStage(ts).log = s
	ts.Setenv("URL", strings.TrimSuffix(srv.URL(), "/"))
}

// disturbed is the site of a kind that answers otherwise than a graph of pages.
func disturbed(kind string, s *site.SyntheticSite) http.Handler {
	switch kind {
	case "refused":
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				fmt.Fprint(w, "User-agent: *\nDisallow: /\n")
				return
			}
			s.ServeHTTP(w, r)
		})
	case "missing":
		return http.NotFoundHandler()
	}
	return s
}

// stageServed starts `fetch serve dir` as a user does and reads the first line.
func stageServed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: served DIR")
	}
	path, err := exec.LookPath("fetch")
	ts.Check(err)
	cmd := exec.Command(path, "serve", "dir", ts.MkAbs(args[0]))
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			ts.Logf("fetch serve: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	url := strings.TrimSuffix(line, "/\n")
	if url == line || !strings.HasPrefix(url, "http://127.0.0.1:") {
		ts.Fatalf("first line of fetch serve is %q, want its URL", line)
	}
	ts.Setenv("URL", url)
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func requests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: requests N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := len(theStage(ts).log.Log()); got != want {
		ts.Fatalf("the site was asked %d times, want %d", got, want)
	}
}

func awaitRequests(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for len(theStage(ts).log.Log()) < want {
		select {
		case <-tick.C:
		case <-deadline:
			ts.Fatalf("the site was asked %d times, waited for %d", len(theStage(ts).log.Log()), want)
		}
	}
}

func checkJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: json FILE KEY[=VALUE]…")
	}
	text := ts.ReadFile(args[0])
	for _, want := range args[1:] {
		if err := checkValue(text, want); err != nil {
			ts.Fatalf("%s: %v", args[0], err)
		}
	}
}

// checkValue demands one key of a JSON text, or its value.
func checkValue(text, want string) error {
	for _, op := range []string{">=", "<=", "="} {
		key, limit, found := strings.Cut(want, op)
		if !found {
			continue
		}
		v, err := lookup(text, key)
		if err != nil {
			return err
		}
		if op == "=" {
			if got := fmt.Sprint(v); got != limit {
				return fmt.Errorf("%s is %s, want %s", key, got, limit)
			}
			return nil
		}
		n, ok := v.(float64)
		m, err := strconv.ParseFloat(limit, 64)
		if err != nil || !ok || op == ">=" && n < m || op == "<=" && n > m {
			return fmt.Errorf("%s is %v, want %s%s", key, v, op, limit)
		}
		return nil
	}
	_, err := lookup(text, want)
	return err
}

// TestCheckValue tests the tester.
func TestCheckValue(t *testing.T) {
	t.Parallel()
	text := `{"a":{"b":3},"state":"done"}`
	for want, ok := range map[string]bool{
		"a.b=3": true, "a.b=4": false, "a.b>=3": true, "a.b>=4": false, "a.b<=2": false, "state=done": true,
		"a.c": false, "a": true, "state>=1": false, "b=1": false,
	} {
		if err := checkValue(text, want); (err == nil) != ok {
			t.Errorf("%s: %v", want, err)
		}
	}
}
