package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"tandem/crawler"
	"tandem/internal/site"
)

// outage is how long the server is away.
const outage = 3 * time.Second

// awaySite is large enough for a crawl to be in its middle when it has answered
// a quarter.
func awaySite() site.SyntheticOptions {
	opt := everything(300)
	opt.Latency, opt.Errors503 = 5*time.Millisecond, 4
	return opt
}

// TestServerAway ends the server in mid-crawl, connections and all, and starts
// it again on the same port three seconds later.
func TestServerAway(t *testing.T) {
	t.Parallel()
	s, err := site.Synthetic(awaySite())
	if err != nil {
		t.Fatal(err)
	}
	serve := func(addr string) *site.Server {
		srv, err := site.Serve(context.Background(), addr, s)
		if err != nil {
			t.Fatal(err)
		}
		return srv
	}
	srv := serve("127.0.0.1:0")
	url, dir := strings.TrimSuffix(srv.URL(), "/"), t.TempDir()
	p := start(t, "", gentle(dir, url)...)
	awaitLog(t, s, wanted(s)/4, p)
	now, cancel := context.WithCancel(context.Background())
	cancel() // what is in flight is cut
	_ = srv.Close(now)
	<-time.After(outage)
	srv = serve(srv.Addr())
	defer func() { _ = srv.Close(now) }()
	code := p.wait()
	checkAway(t, dir, p, code, s, url)
	if sum := readSummary(t, dir); sum.Retries < inFlight {
		t.Errorf("%d retries: nobody missed the server", sum.Retries)
	}
}

// TestServerHangs stops the server's process for three seconds: the kernel goes
// on accepting connections and answers nothing. With a timeout shorter than that,
// requests are repeated; with a longer one they are waited for.
func TestServerHangs(t *testing.T) {
	t.Parallel()
	for _, timeout := range []string{"2s", "30s"} {
		t.Run(timeout, func(t *testing.T) {
			t.Parallel()
			s, err := site.Synthetic(awaySite())
			if err != nil {
				t.Fatal(err)
			}
			server, url := startServer(t)
			dir := t.TempDir()
			p := start(t, "", append(gentle(dir, url), "--timeout", timeout)...)
			waitUntil(t, p, "a quarter of the site", func() bool { return server.answered(t, url) >= wanted(s)/4 })
			server.signal(syscall.SIGSTOP)
			<-time.After(outage)
			server.signal(syscall.SIGCONT)
			code := p.wait()
			sum := readSummary(t, dir)
			if retried := int64(awaySite().Errors503); timeout == "30s" && sum.Retries != retried {
				t.Errorf("%d retries, want the %d of the site: there was time to wait", sum.Retries, retried)
			} else if timeout == "2s" && sum.Retries < retried+inFlight/2 {
				t.Errorf("%d retries: nobody missed the server", sum.Retries)
			}
			checkTries(t, server.tries(t, url))
			if code != 0 || sum.State != crawler.Complete || len(sum.Errors) > 0 {
				t.Errorf("exit code %d, state %s, errors %v\n%s", code, sum.State, sum.Errors, p.err.String())
			}
			checkTruth(t, dir, checkedArchive(t, dir)[sum.Run], s, url)
		})
	}
}

// checkAway checks a crawl whose server was away: complete, nothing lost, and
// nothing asked for more than three times.
func checkAway(t *testing.T, dir string, p *process, code int, s *site.SyntheticSite, url string) {
	t.Helper()
	sum := readSummary(t, dir)
	if code != 0 || sum.State != crawler.Complete || len(sum.Errors) > 0 {
		t.Errorf("exit code %d, state %s, errors %v\n%s", code, sum.State, sum.Errors, p.err.String())
	}
	checkTruth(t, dir, checkedArchive(t, dir)[sum.Run], s, url)
	tries := make(map[string]int)
	for _, r := range s.Log() {
		tries[r.URL]++
	}
	checkTries(t, tries)
}

// mostTries is how often a crawl asks for one URL at most.
const mostTries = 3

func checkTries(t *testing.T, tries map[string]int) {
	t.Helper()
	if len(tries) == 0 {
		t.Error("the server has logged nothing")
	}
	for u, n := range tries {
		if n > mostTries {
			t.Errorf("%s was asked for %d times, want at most %d", u, n, mostTries)
		}
	}
}

// serverProcess is awaySite in a process of its own, which can be stopped.
type serverProcess struct{ cmd *exec.Cmd }

// logPath is where the server tells its log.
const logPath = "/.log"

// startServer runs this test binary as a server.
func startServer(t *testing.T) (server serverProcess, url string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	server.cmd = exec.Command(exe)
	server.cmd.Env = append(os.Environ(), serverEnv+"=1")
	stdin, err := server.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := server.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.signal(syscall.SIGCONT)
		_ = stdin.Close() // that ends it
		_ = server.cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("read the server's URL: %v", err)
	}
	return server, strings.TrimSuffix(line, "/\n")
}

// serverEnv makes the test binary be a server; see TestMain.
const serverEnv = "TANDEM_TEST_SERVER"

// beServer serves awaySite until standard input ends.
func beServer() error {
	s, err := site.Synthetic(awaySite())
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", s)
	mux.HandleFunc(logPath, func(w http.ResponseWriter, _ *http.Request) {
		for _, r := range s.Log() {
			fmt.Fprintln(w, r.URL)
		}
	})
	srv, err := site.Serve(context.Background(), "127.0.0.1:0", mux)
	if err != nil {
		return err
	}
	fmt.Println(srv.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = srv.Close(now)
	return nil
}

func (s serverProcess) signal(sig syscall.Signal) { _ = s.cmd.Process.Signal(sig) }

// tries reads the server's log.
func (s serverProcess) tries(t *testing.T, url string) map[string]int {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	resp, err := client.Get(url + logPath)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	tries := make(map[string]int)
	scan := bufio.NewScanner(resp.Body)
	for scan.Scan() {
		tries[scan.Text()]++
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
	return tries
}

// answered counts the URLs that the server was asked for.
func (s serverProcess) answered(t *testing.T, url string) int { return len(s.tries(t, url)) }
