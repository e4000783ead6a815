package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"

	"tandem/internal/cli"
	"tandem/internal/site"
	"tandem/internal/units"
)

// siteSection is the `site` section of a job: a site that the job brings with
// it, served on loopback while it runs.
type siteSection struct {
	// Serve is what is served: goroot (the Go distribution) or dir. Empty
	// serves nothing.
	Serve string `yaml:"serve" check:"oneof=goroot|dir" doc:"a site served on loopback while the job runs: goroot or dir"`
	// Host is the name under which the job's URLs speak of the site.
	Host string `yaml:"host" doc:"the host name that stands for the site in URLs"`
	// Path is the folder of a dir, or the distribution of a goroot.
	Path string `yaml:"path" doc:"the folder to serve; for goroot the distribution, by default the one of the go command"`
	// Latency delays every answer.
	Latency units.Duration `yaml:"latency" doc:"delay of every answer"`
	// ErrorRate is the share of requests answered with 503.
	ErrorRate float64 `yaml:"error-rate" check:"min=0,max=1" doc:"share of requests answered with 503"`
}

func defaultSite() siteSection { return siteSection{Host: "site.localhost"} }

// serveSite starts the job's site, if it has one, as a process of its own, so
// that what serving costs does not count as what fetching costs. It returns how
// requests for the site's host reach it. The returned function ends the process
// and waits for it.
func (j *job) serveSite(ctx context.Context, logs io.Writer) (via map[string]string, stop func(), err error) {
	if j.Site.Serve == "" {
		return nil, func() {}, nil
	}
	child, err := startSite(ctx, &j.Site, logs)
	if err != nil {
		return nil, nil, fmt.Errorf("start site %q: %w", j.Site.Serve, err)
	}
	return map[string]string{j.Site.hostPort(): child.addr}, child.stop, nil
}

// hostPort is Host with a port.
func (s *siteSection) hostPort() string {
	host := strings.ToLower(s.Host)
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(host, "80")
	}
	return host
}

// closingHandler is a site and the files it holds open.
type closingHandler struct {
	http.Handler
	Close func() error
}

// handler makes the site. What a distribution lacks is told to note.
func (s *siteSection) handler(note func(string)) (*closingHandler, error) {
	var h http.Handler
	var closer func() error
	switch s.Serve {
	case "goroot":
		root, err := goroot(s.Path)
		if err != nil {
			return nil, err
		}
		g, absent, err := site.Goroot(site.DefaultGoroot(root))
		if err != nil {
			return nil, err
		}
		if len(absent) > 0 {
			note(fmt.Sprintf("this Go distribution comes without %s; the site goes on without them", strings.Join(absent, ", ")))
		}
		h, closer = g, g.Close
	case "dir":
		if s.Path == "" {
			return nil, cli.Usagef("serve dir: no folder named")
		}
		d, err := site.Dir(s.Path)
		if err != nil {
			return nil, err
		}
		h, closer = d, d.Close
	default:
		return nil, cli.Usagef("site %q: want goroot or dir", s.Serve)
	}
	if s.Latency > 0 {
		h = site.Latency(h, s.Latency.D())
	}
	if s.ErrorRate > 0 {
		h = site.ErrorRate(h, s.ErrorRate, 1)
	}
	return &closingHandler{h, closer}, nil
}

// goroot finds the Go distribution: the one named, $GOROOT, or the go command's.
func goroot(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	if env := os.Getenv("GOROOT"); env != "" {
		return env, nil
	}
	out, err := exec.Command("go", "env", "GOROOT").Output()
	root := strings.TrimSpace(string(out))
	if err != nil || root == "" {
		return "", errors.New("find the Go distribution: no go command in PATH; name the folder as `fetch serve goroot PATH` or site.path")
	}
	return root, nil
}
