package legacyclient

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// authority makes certificates that live as long as the test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	last int64
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t}
	var der []byte
	der, a.key = a.sign(&x509.Certificate{IsCA: true, KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true}, nil)
	var err error
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

// sign makes a certificate, signed by the authority or, without one, by itself.
func (a *authority) sign(c, by *x509.Certificate) ([]byte, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	a.last++
	c.SerialNumber = big.NewInt(a.last)
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	signer := a.key
	if by == nil {
		by, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	return der, key
}

// pair returns a certificate for 127.0.0.1 and for clients, and its key, in PEM.
func (a *authority) pair() (cert, key []byte) {
	der, k := a.sign(&x509.Certificate{
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, a.cert)
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	return pemOf("CERTIFICATE", der), pemOf("PRIVATE KEY", secret)
}

func (a *authority) pem() []byte { return pemOf("CERTIFICATE", a.cert.Raw) }

func pemOf(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// TestTLS holds whom the client trusts, and to whom it shows itself, over
// sockets.
func TestTLS(t *testing.T) {
	ours, other := newAuthority(t), newAuthority(t)
	serverCert, serverKey := ours.pair()
	own, err := tls.X509KeyPair(serverCert, serverKey)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AddCert(ours.cert)
	s := httptest.NewUnstartedServer(body(200, "application/json", host))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{own}, ClientCAs: clients, ClientAuth: tls.RequireAndVerifyClientCert}
	s.StartTLS()
	defer s.Close()
	cert, key := ours.pair()
	otherCert, otherKey := other.pair()
	for _, tt := range []struct {
		name string
		tls  TLS
		ok   bool
		text string
	}{
		{"all as it should be", TLS{CA: ours.pem(), Cert: cert, Key: key}, true, ""},
		{"several authorities", TLS{CA: append(other.pem(), ours.pem()...), Cert: cert, Key: key}, true, ""},
		{"unknown authority", TLS{Cert: cert, Key: key}, false, "certificate of the API is not accepted"},
		{"another authority", TLS{CA: other.pem(), Cert: cert, Key: key}, false, "certificate of the API is not accepted"},
		{"no certificate of the client", TLS{CA: ours.pem()}, false, ""},
		{"a certificate of another authority", TLS{CA: ours.pem(), Cert: otherCert, Key: otherKey}, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := memoryOptions(t, nil)
			o.BaseURL, _ = url.Parse(s.URL)
			o.TLS, o.MaxAttempts = tt.tls, 1
			_, err := newClient(t, o).Do(t.Context(), compile(t, Endpoint{Method: "GET", Path: "/hosts"}), nil, nil)
			if (err == nil) != tt.ok || err != nil && (!errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), tt.text)) {
				t.Errorf("Do() = %v, want success: %t, %s", err, tt.ok, tt.text)
			}
		})
	}
}

// TestProxy holds that calls go through the proxy, with its credential.
func TestProxy(t *testing.T) {
	var seen, auth atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.URL.String())
		auth.Store(r.Header.Get("Proxy-Authorization"))
		writeJSON(w, 200, host)
	}))
	defer proxy.Close()
	o := memoryOptions(t, nil)
	o.BaseURL = &url.URL{Scheme: "http", Host: "host.example.com"} // reached by the proxy alone
	o.Proxy, _ = url.Parse(proxy.URL)
	o.Proxy.User = url.UserPassword("hostscim", "tok-SECRET")
	if _, err := newClient(t, o).Do(t.Context(), compile(t, Endpoint{Method: "GET", Path: "/hosts"}), nil, nil); err != nil {
		t.Fatal(err)
	}
	if seen.Load() != "http://host.example.com/hosts" || auth.Load() != "Basic aG9zdHNjaW06dG9rLVNFQ1JFVA==" {
		t.Errorf("the proxy saw %v with %v", seen.Load(), auth.Load())
	}
	proxy.Close()
	_, err := newClient(t, o).Do(t.Context(), compile(t, Endpoint{Method: "POST", Path: "/hosts"}), nil, nil)
	e, _ := errors.AsType[*Error](err)
	if e == nil || e.Kind != ErrUnavailable || e.MayHaveHappened || e.Attempts != 4 || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("without the proxy: %#v, want ErrUnavailable after 4 attempts that were not sent", err)
	}
}

// TestConnectionOptions holds what New refuses, without quoting a secret.
func TestConnectionOptions(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.pair()
	_, otherKey := a.pair()
	tokenURL := &url.URL{Scheme: "https", Host: "id.example.com"}
	secret := func(o OAuth2) func(*Options) {
		return func(opts *Options) { opts.Authorize, opts.OAuth2 = nil, &o }
	}
	for _, tt := range []struct {
		want   string
		change func(*Options)
	}{
		{"tls: the ca file holds no certificate in PEM", func(o *Options) { o.TLS.CA = key }},
		{"tls: the cert file and the key file are no certificate and its private key", func(o *Options) { o.TLS = TLS{Cert: cert, Key: otherKey} }},
		{"tls: the cert file and the key file are no certificate and its private key", func(o *Options) { o.TLS = TLS{Cert: cert} }},
		{"proxy must be a url", func(o *Options) { o.Proxy = &url.URL{Scheme: "ftp", Host: "x", User: url.User("tok-SECRET")} }},
		{"tls or proxy beside a transport", func(o *Options) { o.Transport, o.TLS.CA = http.DefaultTransport, a.pem() }},
		{"there are two credentials", func(o *Options) { o.Passthrough = true }},
		{"there are two credentials", func(o *Options) { o.OAuth2 = &OAuth2{TokenURL: tokenURL, ClientID: "x", ClientSecret: "tok-SECRET"} }},
		{"oauth2: token url must begin", secret(OAuth2{ClientID: "x", ClientSecret: "tok-SECRET"})},
		{"oauth2: client id or client secret", secret(OAuth2{TokenURL: tokenURL, ClientSecret: "tok-SECRET"})},
		{`oauth2: unknown style "header"`, secret(OAuth2{TokenURL: tokenURL, Style: "header"})},
		{`oauth2: parameter "scope"`, secret(OAuth2{TokenURL: tokenURL, Params: []Param{{"scope", "tok-SECRET"}}})},
		{"max in flight or max queue is below zero", func(o *Options) { o.MaxInFlight = -1 }},
		{"max in flight or max queue is below zero", func(o *Options) { o.MaxQueue = -1 }},
		{"a bound of the breaker is below zero", func(o *Options) { o.Breaker.Failures = -1 }},
		{"a bound of the breaker is below zero", func(o *Options) { o.Breaker.Open = -1 }},
	} {
		o := memoryOptions(t, nil)
		tt.change(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("New() = %v, want %q", err, tt.want)
		}
	}
}
