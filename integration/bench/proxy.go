package main

import (
	"flag"
	"net/http"
	"net/http/httputil"
	"net/url"

	"hostscim/integration/child"
)

func serveProxy(args []string) error {
	flags := flag.NewFlagSet("proxy", flag.ContinueOnError)
	legacy := flags.String("legacy", "", "where the host API is")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return child.Serve(newProxy(*legacy), http.NewServeMux())
}

// newProxy returns a reverse proxy that is as plain as can be.
func newProxy(legacy string) http.Handler {
	target := &url.URL{Scheme: "http", Host: legacy}
	return &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: newTransport(),
	}
}
