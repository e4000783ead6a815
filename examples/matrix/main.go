package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"tandem/pipeline/procpool"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

// run is the program, or one of its children: a worker process, the server, a run that may not survive.
func run(ctx context.Context, args []string) int {
	var err error
	switch {
	case procpool.IsWorker():
		_, set, failed := tasks()
		if failed == nil {
			return procpool.Main(ctx, set)
		}
		err = failed
	case len(args) == 2 && args[0] == "serve":
		var delay time.Duration
		if delay, err = time.ParseDuration(args[1]); err == nil {
			err = serve(delay)
		}
	case len(args) == 2 && args[0] == "contain":
		var o ordeal
		if err = json.Unmarshal([]byte(args[1]), &o); err == nil {
			err = contained(ctx, o)
		}
	default:
		err = matrix(ctx, args)
	}
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		return 2 // flag has said why
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "matrix: interrupted")
		return 130
	}
	fmt.Fprintf(os.Stderr, "matrix: error: %v\n", err)
	return 1
}

// usageError is a wrong command line.
type usageError struct{ error }

// options are the command line.
type options struct {
	quick  bool
	json   bool
	rounds int
	page   string
}

// parse reads the command line.
func parse(args []string, w io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("matrix", flag.ContinueOnError)
	f.SetOutput(w)
	f.BoolVar(&o.quick, "quick", false, "small and short: shows that everything works, not what it costs")
	f.BoolVar(&o.json, "json", false, "print the figures as JSON instead of tables")
	f.IntVar(&o.rounds, "rounds", 0, "how often to measure every cell (default 5, or what fits into a minute)")
	f.StringVar(&o.page, "o", "matrix.html", "`file` to write the page to; empty for none")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, usageError{err}
	}
	var err error
	switch {
	case f.NArg() > 0:
		err = fmt.Errorf("matrix: unexpected argument %q", f.Arg(0))
	case o.rounds < 0 || o.rounds > 1000:
		err = fmt.Errorf("matrix: -rounds is %d, not from 1 to 1000", o.rounds)
	}
	if err != nil {
		fmt.Fprintln(w, err)
		return o, usageError{err}
	}
	return o, nil
}

// matrix measures, and shows what it found.
func matrix(ctx context.Context, args []string) error {
	o, err := parse(args, os.Stderr)
	if err != nil {
		return err
	}
	f, err := investigate(ctx, o, os.Stderr)
	if err != nil {
		return err
	}
	if o.json {
		err = writeJSON(os.Stdout, f)
	} else {
		err = writeText(os.Stdout, f)
	}
	if err != nil || o.page == "" {
		return err
	}
	if err := writePage(o.page, f); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "matrix: page written to %s\n", o.page)
	return nil
}

// writeJSON writes the figures for other programs.
func writeJSON(w io.Writer, f figures) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(f); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
