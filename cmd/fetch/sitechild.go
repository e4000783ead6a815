package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// siteChild is a running `fetch serve`.
type siteChild struct {
	cmd  *exec.Cmd
	hold io.Closer // its standard input: closing it ends the child
	addr string    // host:port it listens on
}

// startSite runs this program as `fetch serve` and waits for the line that
// tells its URL. The child ends when its standard input closes, so it cannot
// outlive this process.
func startSite(ctx context.Context, s *siteSection, logs io.Writer) (*siteChild, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"serve", s.Serve, "--until-eof", "--latency", s.Latency.String(),
		"--error-rate", strconv.FormatFloat(s.ErrorRate, 'g', -1, 64)}
	if s.Path != "" {
		args = append(args, s.Path)
	}
	cmd := exec.CommandContext(ctx, exe, args...)
	cmd.Stderr, cmd.WaitDelay = logs, time.Second
	detach(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	c := &siteChild{cmd: cmd, hold: stdin}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		c.stop()
		return nil, errors.New("it ended before it listened; its own message stands above")
	}
	u, err := url.Parse(line[:len(line)-1])
	if err != nil {
		c.stop()
		return nil, fmt.Errorf("read its URL: %w", err)
	}
	c.addr = u.Host
	return c, nil
}

// stop ends the child and waits for it.
func (c *siteChild) stop() {
	_ = c.hold.Close() // that is the signal
	_ = c.cmd.Wait()   // it has nothing more to tell
}
