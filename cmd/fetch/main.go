package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"tandem/internal/cli"
)

func main() { os.Exit(run(os.Args[1:])) }

// run is the program without the process around it.
func run(args []string) int {
	name := cli.Name()
	return cli.Main(name, newRoot(name), args...)
}

func newRoot(name string) *cobra.Command {
	logs := &cli.Logging{}
	root := &cobra.Command{
		Use:   name,
		Short: "crawl sites politely, fetch lists, put measured load on a server",
		Long: `Stage one of Tandem: it waits on sockets. It crawls sites into an archive that
process turns into a dataset, and puts honest load on the sites you run.`,
		Example: fmt.Sprintf(`  %[1]s crawl https://www.example.org/ -o out/example
  %[1]s get urls.txt -o out/list
  %[1]s load http://localhost:8080/ -r 500/s -d 10s
  %[1]s compare out/before out/after
  %[1]s serve goroot
  %[1]s explain https://www.example.org/page`, name),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	logs.Bind(root.PersistentFlags())
	root.AddCommand(newCrawl(name, logs), newGet(name, logs), newLoad(name, logs), newCompare(name, logs), newServe(name), newExplain(name, logs))
	return root
}
