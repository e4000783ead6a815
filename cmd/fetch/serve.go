package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"tandem/internal/cli"
	"tandem/internal/site"
)

// newServe is `fetch serve`: a site in the foreground until a signal ends it.
func newServe(name string) *cobra.Command {
	s := defaultSite()
	addr, untilEOF := "127.0.0.1:0", false
	cmd := &cobra.Command{
		Use:   "serve goroot|dir [PATH]",
		Short: "serve a site on loopback to try things on",
		Long: `Serve a site on loopback until a signal ends it. The first line of standard
output is its URL.

  goroot   the Go distribution (of the go command, or at PATH) as a browsable
           site, with a generated gallery and long prose pages
  dir      the folder PATH`,
		Example: fmt.Sprintf("  %[1]s serve goroot\n  %[1]s serve dir ./public --addr 127.0.0.1:8080 --latency 20ms", name),
		Args:    cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			s.Serve = args[0]
			if len(args) == 2 {
				s.Path = args[1]
			}
			return serve(cmd, &s, addr, untilEOF)
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&addr, "addr", addr, "the `ADDR`ess to listen on; port 0 takes a free one")
	fs.Var(&s.Latency, "latency", "delay every answer by so long")
	fs.Float64Var(&s.ErrorRate, "error-rate", 0, "answer this share of requests with 503 (0 to 1)")
	fs.BoolVar(&untilEOF, "until-eof", false, "end when standard input ends, as a child of `crawl` does")
	_ = fs.MarkHidden("until-eof") // it exists
	return cmd
}

func serve(cmd *cobra.Command, s *siteSection, addr string, untilEOF bool) error {
	if s.ErrorRate < 0 || s.ErrorRate > 1 {
		return cli.Usagef("--error-rate %v: want 0 to 1", s.ErrorRate)
	}
	h, err := s.handler(func(msg string) { fmt.Fprintln(cmd.ErrOrStderr(), msg) })
	if err != nil {
		return err
	}
	defer h.Close()
	ctx, drain, stop := cli.Signals(cmd.Context())
	defer stop()
	srv, err := site.Serve(ctx, addr, h)
	if err != nil {
		return err
	}
	fmt.Fprintln(cmd.OutOrStdout(), srv.URL())
	if untilEOF {
		_, _ = io.Copy(io.Discard, cmd.InOrStdin()) // any end is the end
	} else {
		_ = drain.Wait(ctx) // either end of the wait means the same
	}
	return srv.Close(ctx)
}
