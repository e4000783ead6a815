package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"tandem/internal/cli"
	"tandem/pipeline/procpool"
	"tandem/processor"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is the program without the process around it. A worker process is told
// apart first: it needs no command line.
func run(args []string) int {
	if procpool.IsWorker() {
		return serve()
	}
	return cli.Main("process", newRoot(cli.Name()), args...)
}

// serve is what a worker process does.
func serve() int {
	tasks, err := processor.Tasks()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return cli.ExitFailed
	}
	return procpool.Main(context.Background(), tasks)
}

func newRoot(name string) *cobra.Command {
	logs := &cli.Logging{}
	root := &cobra.Command{
		Use:   name,
		Short: "turn archives, folders and files into a dataset, on all cores",
		Long: `Stage two of Tandem: it burns cores. It computes text and image facts out of what
fetch stored, or of your own WARC files, folders and files, in worker processes,
one per core, and writes a dataset.`,
		Example: fmt.Sprintf(`  %[1]s run out/example
  %[1]s run crawl.warc.gz -o out/theirs
  %[1]s run ~/pictures -o out/pictures --tasks images --format parquet,jsonl`, name),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	logs.Bind(root.PersistentFlags())
	root.AddCommand(newRun(name, logs), newTasks(), newWorker())
	return root
}

// newWorker is `process worker`, which only worker pools start.
func newWorker() *cobra.Command {
	return &cobra.Command{
		Use:    "worker",
		Short:  "what a worker process runs",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return cli.Usage(procpool.ErrNotWorker, "`run` starts its workers itself")
		},
	}
}
