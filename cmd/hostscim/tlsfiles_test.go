package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs certificates of a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	next int64 // serial number
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t}
	a.cert, a.key = a.sign(&x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

func (a *authority) sign(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	a.next++
	template.SerialNumber, template.Subject = big.NewInt(a.next), pkix.Name{CommonName: "Example"}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := template, key
	if a.cert != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// pair returns a new certificate for localhost and its key, in PEM.
func (a *authority) pair() (cert, key []byte) {
	a.t.Helper()
	c, k := a.sign(&x509.Certificate{
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		a.t.Fatal(err)
	}
	return certPEM(c), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func certPEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// client returns the TLS of a client that trusts the authority, with a
// certificate of the other one; nil: with none.
func (a *authority) client(own *authority) *tls.Config {
	a.t.Helper()
	config := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "localhost", MinVersion: tls.VersionTLS12}
	config.RootCAs.AddCert(a.cert)
	if own != nil {
		pair, err := tls.X509KeyPair(own.pair())
		if err != nil {
			a.t.Fatal(err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}

// put replaces a file in one step.
func put(t *testing.T, file string, content []byte) {
	t.Helper()
	if err := os.WriteFile(file+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// secure returns a door with TLS, and lines that are added under server.tls.
func secure(t *testing.T, a *authority, more, lines string) *door {
	t.Helper()
	dir := t.TempDir()
	cert, key := a.pair()
	put(t, filepath.Join(dir, "tls.crt"), cert)
	put(t, filepath.Join(dir, "tls.key"), key)
	return openDoor(t, loopback+"  tls: {cert_file: "+dir+"/tls.crt, key_file: "+dir+"/tls.key"+more+"}\n"+lines)
}

// tlsClient returns a client of HTTP/2, or of HTTP/1.1 alone.
func tlsClient(t *testing.T, config *tls.Config, http2 bool) *http.Client {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2)
	protocols.SetHTTP2(http2)
	transport := &http.Transport{TLSClientConfig: config, Protocols: protocols}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: patience}
}

func TestTLS(t *testing.T) {
	a := newAuthority(t)
	d := secure(t, a, "", "")
	for proto, http2 := range map[string]bool{"HTTP/2.0": true, "HTTP/1.1": false} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+d.public.String()+"/scim/v2/Users/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+doorToken)
		resp, err := tlsClient(t, a.client(nil), http2).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK || resp.Proto != proto {
			t.Errorf("GET /Users/1 = %d over %s, want 200 over %s", resp.StatusCode, resp.Proto, proto)
		}
		if got := resp.Header.Get("Location"); !strings.HasPrefix(got, "https://"+d.public.String()+"/") {
			t.Errorf("Location = %s, want one with https", got)
		}
	}
	old := a.client(nil)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if conn, err := tls.Dial("tcp", d.public.String(), old); err == nil {
		conn.Close()
		t.Error("TLS 1.1 is taken, want 1.2 and newer only")
	}
	w := dial(t, d.public)
	w.send(get + "\r\n")
	if got := w.status(); got != http.StatusBadRequest {
		t.Errorf("a request without TLS is answered with %d, want 400", got)
	}
	if got := status(t, client(t, d.admin), "http://localhost/readyz"); got != http.StatusOK {
		t.Errorf("GET /readyz without TLS = %d, want 200", got)
	}
}

// TestNoClearHTTP2: without TLS nobody gets HTTP/2, whose connections a proxy
// that only knows HTTP/1.1 would pass on unseen.
func TestNoClearHTTP2(t *testing.T) {
	d := openDoor(t, loopback)
	w := dial(t, d.public)
	w.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	if got := w.status(); got < 400 {
		t.Errorf("the preface of HTTP/2 is answered with %d, want it refused", got)
	}
}

// TestSlowBodyHTTP2: a stream ends in its time as a connection does.
func TestSlowBodyHTTP2(t *testing.T) {
	a := newAuthority(t)
	d := secure(t, a, "", "  limits: {read_timeout: 300ms}\n")
	body, rest := io.Pipe()
	defer rest.Close()
	go rest.Write([]byte("{"))
	req, err := http.NewRequestWithContext(t.Context(), "POST", "https://"+d.public.String()+"/scim/v2/Users", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+doorToken)
	resp, err := tlsClient(t, a.client(nil), true).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestTimeout {
		t.Errorf("a slow body is answered with %d, want 408", resp.StatusCode)
	}
}

func TestClientCertificates(t *testing.T) {
	servers, clients, strangers := newAuthority(t), newAuthority(t), newAuthority(t)
	file := filepath.Join(t.TempDir(), "clients.crt")
	put(t, file, certPEM(clients.cert))
	d := secure(t, servers, ", client_ca_file: "+file, "")
	for _, http2 := range []bool{true, false} {
		if got := status(t, tlsClient(t, servers.client(clients), http2), "https://"+d.public.String()+"/scim/v2/Users/1"); got != http.StatusOK {
			t.Errorf("GET /Users/1 with a certificate = %d, want 200", got)
		}
		for name, own := range map[string]*authority{"no certificate": nil, "the certificate of a stranger": strangers} {
			req, err := http.NewRequestWithContext(t.Context(), "GET", "https://"+d.public.String()+"/scim/v2/Users/1", nil)
			if err != nil {
				t.Fatal(err)
			}
			if resp, err := tlsClient(t, servers.client(own), http2).Do(req); err == nil {
				resp.Body.Close()
				t.Errorf("with %s the answer is %d, want none", name, resp.StatusCode)
			}
		}
	}
}

// reloading is a tlsFiles with a clock of the test.
type reloading struct {
	*tlsFiles
	t   *testing.T
	dir string
	log *logBuffer
	at  time.Time
}

func newReloading(t *testing.T, dir string) *reloading {
	t.Helper()
	r := &reloading{t: t, dir: dir, log: new(logBuffer), at: time.Now()}
	file := func(name string) string { return filepath.Join(dir, name) }
	config := loadWith(t, loopback+"  tls: {cert_file: "+file("tls.crt")+", key_file: "+file("tls.key")+", client_ca_file: "+file("ca.crt")+"}\n", "https://api.example.com")
	var err error
	r.tlsFiles, err = newTLSFiles(config.Server.TLS, slog.New(slog.NewTextHandler(r.log, nil)), func() time.Time { return r.at })
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wants holds the certificate that a client is shown after that time.
func (r *reloading) wants(after time.Duration, pem []byte, when string) {
	r.t.Helper()
	r.at = r.at.Add(after)
	config, err := r.server().GetConfigForClient(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if got := certPEM(config.Certificates[0].Leaf); string(got) != string(pem) {
		r.t.Errorf("%s: the certificate is another one", when)
	}
}

func TestReload(t *testing.T) {
	dir := t.TempDir()
	a := newAuthority(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	first, firstKey := a.pair()
	put(t, file("tls.crt"), first)
	put(t, file("tls.key"), firstKey)
	put(t, file("ca.crt"), certPEM(a.cert))
	r := newReloading(t, dir)
	r.wants(0, first, "at first")

	second, secondKey := a.pair()
	put(t, file("tls.crt"), second)
	r.wants(lookAgain, first, "without the key of the new one")
	r.wants(lookAgain, first, "still without it")
	if got := strings.Count(r.log.String(), "level=WARN"); got != 1 {
		t.Errorf("the log has %d warnings, want one for one change:\n%s", got, r.log)
	}
	put(t, file("tls.key"), secondKey)
	r.wants(lookAgain/2, first, "before it is looked at again")
	r.wants(lookAgain/2, second, "with its key")

	before := r.current()
	r.at = r.at.Add(lookAgain)
	if r.current() != before {
		t.Error("the files are read again though they are as they were; sessions of TLS would end")
	}
	b := newAuthority(t)
	put(t, file("ca.crt"), certPEM(b.cert))
	r.at = r.at.Add(lookAgain)
	if !r.current().ClientCAs.Equal(b.client(nil).RootCAs) {
		t.Error("the authorities of clients are the old ones")
	}
	for name, content := range map[string]string{"tls.crt": "no PEM", "tls.key": "", "ca.crt": "no PEM"} {
		old, err := os.ReadFile(file(name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, file(name), []byte(content))
		r.wants(lookAgain, second, name+" broken")
		put(t, file(name), old)
		r.wants(lookAgain, second, name+" mended")
	}
	if err := os.Remove(file("tls.key")); err != nil {
		t.Fatal(err)
	}
	r.wants(lookAgain, second, "key removed")
	if strings.Contains(r.log.String(), "PRIVATE") {
		t.Errorf("the log holds a key:\n%s", r.log)
	}
}

// TestReloadLinks: the files are replaced as Kubernetes does it, by another
// directory behind a link.
func TestReloadLinks(t *testing.T) {
	dir := t.TempDir()
	a := newAuthority(t)
	file := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	var certs [2][]byte
	for i, version := range []string{"1", "2"} {
		if err := os.Mkdir(file(version), 0o700); err != nil {
			t.Fatal(err)
		}
		cert, key := a.pair()
		certs[i] = cert
		put(t, file(version, "tls.crt"), cert)
		put(t, file(version, "tls.key"), key)
		put(t, file(version, "ca.crt"), certPEM(a.cert))
	}
	link := func(to, name string) {
		if err := os.Symlink(to, file(name+".new")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file(name+".new"), file(name)); err != nil {
			t.Fatal(err)
		}
	}
	link("1", "..data")
	for _, name := range []string{"tls.crt", "tls.key", "ca.crt"} {
		link("..data/"+name, name)
	}
	r := newReloading(t, dir)
	r.wants(lookAgain, certs[0], "at first")
	link("2", "..data")
	r.wants(lookAgain, certs[1], "with the other directory")
}

// TestTLSFilesBroken: files that do not fit are found before anything is
// listened on.
func TestTLSFilesBroken(t *testing.T) {
	dir := t.TempDir()
	cert, _ := newAuthority(t).pair()
	_, key := newAuthority(t).pair()
	for name, content := range map[string][]byte{"tls.crt": cert, "tls.key": key} {
		put(t, filepath.Join(dir, name), content)
	}
	config := loadWith(t, loopback+"  tls: {cert_file: "+dir+"/tls.crt, key_file: "+dir+"/tls.key}\n", "https://api.example.com")
	if _, err := newPublicServer(nil, config.Server, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "server.tls: ") {
		t.Errorf("a key of another certificate: %v, want an error that names the keys of the file", err)
	}
}
