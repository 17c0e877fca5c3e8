package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
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
		Long: `Serve SCIM in front of the API that the file describes.

A changed file, or a changed file that it refers to, is used without a restart:
by itself, and on SIGHUP. It is checked whole; one with faults is refused, and
the one before holds on. Replace files by renaming, so that none is read half
written. Where the adapter listens cannot change so.

SIGTERM makes /readyz say not ready, waits server.shutdown_delay, lets what runs
finish within server.shutdown_timeout, and ends.

Traces are sent where OTEL_EXPORTER_OTLP_ENDPOINT says (http://127.0.0.1:4318),
as OTLP in JSON over HTTP; the other variables of OpenTelemetry hold as well.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := logs.logger(cmd)
			if err != nil {
				return err
			}
			files := &source{file: file}
			config, err := files.load()
			if err != nil {
				return err
			}
			hangups := make(chan os.Signal, 1)
			signal.Notify(hangups, syscall.SIGHUP)
			defer signal.Stop(hangups)
			reloads := &reloader{source: files, log: log, hangups: hangups}
			return serve(cmd.Context(), config, log, reloads, nil)
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
// reloads replaces the configuration meanwhile; nil: it stays. started is called
// with the addresses once requests are answered; nil: not.
func serve(ctx context.Context, config *mapping.Config, log *slog.Logger, reloads *reloader, started func(public, admin net.Addr)) error {
	defer runtime.KeepAlive(newBallast())
	traces, flush, err := tracingFromEnv(ctx, log)
	if err != nil {
		return err
	}
	defer flush()
	options := adapter.Options{Config: config, Logger: log, Version: version()}
	if traces != nil {
		options.Tracing = traces
	}
	service, err := adapter.NewService(options)
	if err != nil {
		return err
	}
	defer service.Close()
	publicServer, err := newPublicServer(service.Handler(), config.Server, log)
	if err != nil {
		return err
	}
	public, admin, err := listenAll(config.Server)
	if err != nil {
		return err
	}
	adminServer := newHTTPServer(service.Admin(), config.Server.Limits, log)
	failed := make(chan error, 2)
	go func() { failed <- serveOn(public, publicServer) }()
	go func() { failed <- serveOn(admin, adminServer) }()
	service.SetReady(true)
	log.Info("serving", "listen", public.Addr().String(), "admin_listen", admin.Addr().String(), "version", version())
	if started != nil {
		started(public.Addr(), admin.Addr())
	}
	if reloads != nil {
		go reloads.run(ctx, service)
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	bounds := service.Config()
	delay, timeout := time.Duration(bounds.ShutdownDelay), time.Duration(bounds.ShutdownTimeout)
	log.Info("stopping: requests that are running may finish", "delay", delay.String(), "within", timeout.String())
	// Not ready first, and connections end with their next answer, so that
	// nothing new is sent here while what runs ends.
	service.Drain()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-time.After(delay):
	}
	return shutdown(timeout, publicServer, adminServer)
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
