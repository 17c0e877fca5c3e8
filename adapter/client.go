package adapter

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"hostscim/legacyclient"
	"hostscim/mapping"
)

// newClient returns the client of the legacy API that the file describes.
func newClient(o Options, l mapping.Legacy, log *slog.Logger, observe func(context.Context, legacyclient.Attempted), t *tracing) (*legacyclient.Client, error) {
	base := url.URL(l.BaseURL)
	proxy, err := proxyURL(l.Proxy)
	if err != nil {
		return nil, err
	}
	return legacyclient.New(legacyclient.Options{
		BaseURL:           &base,
		Authorize:         authorizer(l.Auth),
		OAuth2:            oauth2Options(l.Auth.OAuth2),
		Passthrough:       l.Auth.Passthrough,
		TLS:               legacyclient.TLS{CA: l.TLS.CA.PEM(), Cert: l.TLS.Cert.PEM(), Key: l.TLS.Key.PEM()},
		Proxy:             proxy,
		Timeout:           time.Duration(l.Timeout),
		PerSecond:         l.RateLimit.PerSecond,
		Burst:             l.RateLimit.Burst,
		MaxInFlight:       l.MaxInFlight,
		MaxQueue:          l.MaxQueue,
		Breaker:           legacyclient.Breaker{Failures: l.Breaker.Failures, Window: time.Duration(l.Breaker.Window), Open: time.Duration(l.Breaker.Open)},
		MaxAttempts:       l.Retry.MaxAttempts,
		MinWait:           time.Duration(l.Retry.MinWait),
		MaxWait:           time.Duration(l.Retry.MaxWait),
		IdempotencyHeader: l.IdempotencyHeader,
		Headers:           params(l.Headers),
		ErrorFormat:       legacyclient.ErrorFormat(l.ErrorFormat),
		ErrorRules:        errorRules(l.Errors),
		Transport:         o.Transport,
		Around:            t.around(o.around),
		Begin:             t.attempt(),
		Observe:           observe,
		Logger:            log,
		UserAgent:         userAgent(o.Version),
	})
}

func userAgent(version string) string {
	if version == "" {
		return "hostscim"
	}
	return "hostscim/" + version
}

// newCache returns the cache of names. Under passthrough there is none, nil: the
// id that one caller found would be tried for another, to whom the API may show
// neither the record nor that there is one.
func newCache(c *mapping.Config) (*legacyclient.IDCache, error) {
	if c.Legacy.Auth.Passthrough {
		return nil, nil
	}
	return legacyclient.NewIDCache(time.Duration(c.Server.CacheTTL), c.Server.CacheEntries)
}

func authorizer(a mapping.LegacyAuth) legacyclient.Authorizer {
	switch {
	case a.Bearer != "":
		return legacyclient.Bearer(string(a.Bearer))
	case a.Basic != nil:
		return legacyclient.Basic(a.Basic.Username, string(a.Basic.Password))
	case a.Header != nil:
		return legacyclient.Header(a.Header.Name, string(a.Header.Value))
	}
	return nil
}

func oauth2Options(o *mapping.OAuth2) *legacyclient.OAuth2 {
	if o == nil {
		return nil
	}
	tokenURL := url.URL(o.TokenURL)
	fields := params(o.Params)
	if o.Audience != "" {
		fields = append(fields, legacyclient.Param{Name: "audience", Value: o.Audience})
	}
	return &legacyclient.OAuth2{
		TokenURL: &tokenURL, ClientID: o.ClientID, ClientSecret: string(o.ClientSecret),
		Scopes: o.Scopes, Params: fields, Style: legacyclient.OAuth2Style(o.Style),
	}
}

// proxyURL returns the proxy; nil: none is configured. The error does not quote
// it, since it may hold a password.
func proxyURL(proxy mapping.Secret) (*url.URL, error) {
	if proxy == "" {
		return nil, nil
	}
	u, err := url.Parse(string(proxy))
	if err != nil {
		return nil, errors.New("legacy.proxy is no URL")
	}
	return u, nil
}

func errorRules(rules []mapping.ErrorRule) []legacyclient.ErrorRule {
	kinds := make([]legacyclient.ErrorRule, len(rules))
	for i, r := range rules {
		kinds[i] = legacyclient.ErrorRule{Status: r.Status, Code: r.Code, Field: r.Field, Kind: ruleKinds[r.SCIM]}
	}
	return kinds
}

// ruleKinds gives the words of legacy.errors[].scim their meaning.
var ruleKinds = map[string]error{
	"uniqueness":   legacyclient.ErrConflict,
	"invalidValue": legacyclient.ErrInvalid,
	"notFound":     legacyclient.ErrNotFound,
	"throttled":    legacyclient.ErrThrottled,
	"unavailable":  legacyclient.ErrUnavailable,
}
