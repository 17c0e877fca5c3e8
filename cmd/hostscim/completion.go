package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// shells are those that a completion can be made for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a script that completes the command line in a shell",
		Long: `Print a script that completes the command line in a shell: bash, zsh, fish or powershell.

	hostscim completion bash > /etc/bash_completion.d/hostscim
	hostscim completion zsh > /usr/local/share/zsh/site-functions/_hostscim
	hostscim completion fish > ~/.config/fish/completions/hostscim.fish`,
		ValidArgs: shells,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !slices.Contains(shells, args[0]) {
				return usageError{fmt.Errorf("completion is for one shell: %s", strings.Join(shells, ", "))}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return printCompletion(cmd.Root(), args[0], cmd.OutOrStdout())
		},
	}
}

func printCompletion(root *cobra.Command, shell string, w io.Writer) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(w, true)
	case "zsh":
		return root.GenZshCompletion(w)
	case "fish":
		return root.GenFishCompletion(w, true)
	}
	return root.GenPowerShellCompletionWithDesc(w)
}

// flagWords are the flags with a choice of words.
var flagWords = map[string][]string{
	"log-format": {"text", "json"},
	"log-level":  {"debug", "info", "warn", "error"},
	"format":     {"table", "markdown", "json"},
	"only":       {onlyLegacy, onlySCIM},
}

// completeFlags says how the flags of the commands below root are completed:
// by their words, or by files that can be a configuration.
func completeFlags(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		for name, words := range flagWords {
			if cmd.Flags().Lookup(name) != nil {
				must(cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
			}
		}
		if cmd.Flags().Lookup("config") != nil {
			must(cmd.MarkFlagFilename("config", "yaml", "yml"))
		}
	}
}

// must panics where the code contradicts itself.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
