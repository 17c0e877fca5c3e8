package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"hostscim/adapter"
	"hostscim/mapping"
)

func newServe() *cobra.Command {
	var file string
	var logs logFlags
	cmd := &cobra.Command{
		Use:   "serve --config FILE",
		Short: "Serve SCIM in front of the API that the file describes",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := logs.logger(cmd)
			if err != nil {
				return err
			}
			src, err := readFile(file)
			if err != nil {
				return err
			}
			config, err := load(file, src, nil)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), config, log, nil)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "the configuration file")
	requireFlag(cmd, "config")
	logs.add(cmd)
	return cmd
}

// requireFlag makes the command refuse to run without the flag, in words of
// ours and with the exit code of a usage error.
func requireFlag(cmd *cobra.Command, name string) {
	cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
		if !cmd.Flags().Changed(name) {
			return usageError{fmt.Errorf("--%s is missing; write hostscim %s", name, cmd.Use)}
		}
		return nil
	}
}

// serve listens and serves until ctx ends, then finishes what is running.
// started is called with the addresses once requests are answered; nil: not.
func serve(ctx context.Context, config *mapping.Config, log *slog.Logger, started func(public, admin net.Addr)) error {
	server, err := adapter.New(adapter.Options{Config: config, Logger: log, Version: version()})
	if err != nil {
		return err
	}
	defer server.Close()
	publicServer, err := newPublicServer(server.Handler(), config.Server, log)
	if err != nil {
		return err
	}
	public, admin, err := listenAll(config.Server)
	if err != nil {
		return err
	}
	adminServer := newHTTPServer(server.Admin(), config.Server.Limits, log)
	failed := make(chan error, 2)
	go func() { failed <- serveOn(public, publicServer) }()
	go func() { failed <- serveOn(admin, adminServer) }()
	server.SetReady(true)
	log.Info("serving", "listen", public.Addr().String(), "admin_listen", admin.Addr().String(), "version", version())
	if started != nil {
		started(public.Addr(), admin.Addr())
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	// Not ready first, so that nothing new is sent here while what runs ends.
	server.SetReady(false)
	log.Info("stopping: requests that are running may finish", "within", time.Duration(config.Server.ShutdownTimeout).String())
	return shutdown(time.Duration(config.Server.ShutdownTimeout), publicServer, adminServer)
}

// shutdown lets the requests of each server finish, in order.
func shutdown(within time.Duration, servers ...*http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	var errs []error
	for _, s := range servers {
		if err := s.Shutdown(ctx); err != nil {
			s.Close()
			errs = append(errs, fmt.Errorf("stopping: requests were cut off: %w", err))
		}
	}
	return errors.Join(errs...)
}
