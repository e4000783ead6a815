package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/units"
)

// Name is what the program was called by: help, completion and messages use it, because an installed program may have
// another name than the built one.
func Name() string {
	if len(os.Args) == 0 || os.Args[0] == "" {
		return "tandem"
	}
	return filepath.Base(os.Args[0])
}

// Main runs the command that args name and returns the exit code of the process. It prints errors on the command's
// standard error as "name: error: …" and "name: hint: …". It names the root command, gives it --version and the
// profiling flags, and takes errors over from cobra; a root command serves one call.
func Main(name string, root *cobra.Command, args ...string) int {
	_, rest, _ := strings.Cut(root.Use, " ")
	root.Use = strings.TrimSpace(name + " " + rest)
	root.Version = Version(name)
	root.SetVersionTemplate("{{.Version}}\n")
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return Usage(err, fmt.Sprintf("%q lists the flags", cmd.CommandPath()+" --help"))
	})
	var p profiling
	p.bind(root.PersistentFlags())
	started := false
	wrapRun(root, &p, &started)
	root.SetArgs(append([]string{}, args...))
	err := root.ExecuteContext(context.Background())
	if err != nil && !started {
		err = wrongCommand(name, err)
	}
	printError(root.ErrOrStderr(), name, err)
	return ExitCode(err)
}

// wrapRun lets every command note that it began, which separates what cobra refuses from what a run returns, and puts
// the profiles around it.
func wrapRun(cmd *cobra.Command, p *profiling, started *bool) {
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
			*started = true
			stop, err := p.start()
			if err != nil {
				return Usage(err, "")
			}
			defer func() { err = errors.Join(err, stop()) }()
			return run(cmd, args)
		}
	}
	for _, child := range cmd.Commands() {
		wrapRun(child, p, started)
	}
}

// wrongCommand turns an error of cobra about commands and arguments into one of usage.
func wrongCommand(name string, err error) error {
	if _, coded := errors.AsType[*Error](err); coded {
		return err
	}
	text, rest, _ := strings.Cut(err.Error(), "\n")
	hint := fmt.Sprintf("%q lists the commands", name+" --help")
	if _, names, ok := strings.Cut(rest, "Did you mean this?"); ok {
		hint = fmt.Sprintf("did you mean %s?", strings.Join(strings.Fields(names), " or "))
	}
	return Usage(errors.New(text), hint)
}

// printError prints an error, one line of it a line of output.
func printError(w io.Writer, name string, err error) {
	if err == nil {
		return
	}
	label := "error: "
	if ExitCode(err) == ExitInterrupted {
		label = ""
	}
	for line := range strings.SplitSeq(strings.TrimRight(err.Error(), "\n"), "\n") {
		fmt.Fprintf(w, "%s: %s%s\n", name, label, units.Escape(line))
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Hint != "" {
		fmt.Fprintf(w, "%s: hint: %s\n", name, units.Escape(e.Hint))
	}
}
