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

// newPublicServer returns the server of listen, with TLS if the file has it.
func newPublicServer(h http.Handler, s mapping.Server, log *slog.Logger) (*http.Server, error) {
	server := newHTTPServer(h, s.Limits, log)
	if s.TLS != nil {
		files, err := newTLSFiles(s.TLS, log, time.Now)
		if err != nil {
			return nil, err
		}
		server.TLSConfig = files.server()
	}
	return server, nil
}

// serveOn serves on the listener until the server is shut down.
func serveOn(l net.Listener, s *http.Server) error {
	if s.TLSConfig != nil {
		return s.ServeTLS(l, "", "") // the certificate is in the configuration
	}
	return s.Serve(l)
}

// limited returns the listener with a bound on its connections. Those that are
// more wait with the kernel, which costs nothing here.
func limited(l net.Listener, limits mapping.Limits) net.Listener {
	return netutil.LimitListener(l, limits.MaxConnections)
}
