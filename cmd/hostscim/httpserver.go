package main

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"

	"hostscim/mapping"
)

// newHTTPServer returns a server with bounds on slow and idle clients.
func newHTTPServer(h http.Handler, l mapping.Limits, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: time.Duration(l.HeaderTimeout),
		ReadTimeout:       time.Duration(l.ReadTimeout),
		WriteTimeout:      time.Duration(l.WriteTimeout),
		IdleTimeout:       time.Duration(l.IdleTimeout),
		MaxHeaderBytes:    l.MaxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// limited returns the listener with a bound on its connections. Those that are
// more wait with the kernel, which costs nothing here.
func limited(l net.Listener, limits mapping.Limits) net.Listener {
	return netutil.LimitListener(l, limits.MaxConnections)
}
