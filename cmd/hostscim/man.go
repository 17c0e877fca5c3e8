package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func newMan() *cobra.Command {
	return &cobra.Command{
		Use:   "man DIRECTORY",
		Short: "Write the manual pages into a directory",
		Long: `Write the manual pages of all commands into a directory, which is made if it is not there.

	hostscim man /usr/local/share/man/man1

Their date is today's, or that of the environment variable SOURCE_DATE_EPOCH.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Errorf("man needs the directory to write to; write hostscim man DIRECTORY")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return writeMan(cmd.Root(), args[0])
		},
	}
}

func writeMan(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return usageError{err}
	}
	root.DisableAutoGenTag = true // it would be about the library
	header := &doc.GenManHeader{Section: "1", Source: "hostscim " + version(), Manual: "hostscim"}
	if err := doc.GenManTree(root, header, dir); err != nil {
		return fmt.Errorf("writing the manual pages: %w", err)
	}
	return nil
}
