package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tandem/internal/report"
	"tandem/processor"
)

// newTasks is `process tasks`.
func newTasks() *cobra.Command {
	return &cobra.Command{
		Use:   "tasks",
		Short: "list what can be computed, with options and columns",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for i, info := range processor.Describe() {
				t := &report.Table{Title: info.Name}
				if i > 0 {
					fmt.Fprintln(cmd.OutOrStdout())
				}
				t.Add("version", strconv.Itoa(info.Version)+" (a new one computes everything again)")
				t.Add("takes", info.Takes)
				t.Add("options", orNone(info.Options))
				t.Add("columns", strings.Join(info.Columns, ", "))
				if err := t.Render(cmd.OutOrStdout()); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return "--" + strings.Join(list, ", --")
}
