package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"hostscim/mapping"
)

// lookAgain is how often at most the files are looked at.
const lookAgain = time.Second

// tlsFiles are the certificate of a listener and what belongs to it. They are
// read again when they have changed, which a handshake finds out. Where they do
// not fit, as while they are being replaced, what was read before stays.
type tlsFiles struct {
	cert, key string
	clientCA  string // "": clients show no certificates
	log       *slog.Logger
	now       func() time.Time

	mu     sync.Mutex
	looked time.Time
	stamps [3]fs.FileInfo // as they were when read; nil of a file that is not there
	config *tls.Config
}

// newTLSFiles reads the files for the first time.
func newTLSFiles(t *mapping.ServerTLS, log *slog.Logger, now func() time.Time) (*tlsFiles, error) {
	f := &tlsFiles{cert: t.Cert.Name(), key: t.Key.Name(), clientCA: t.ClientCA.Name(), log: log, now: now, looked: now()}
	f.stamps = f.stat()
	config, err := f.read()
	if err != nil {
		return nil, usageError{fmt.Errorf("server.tls: %w", err)}
	}
	f.config = config
	return f, nil
}

// server returns the configuration of a listener that uses the files.
func (f *tlsFiles) server() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		NextProtos:         protocols,
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return f.current(), nil },
	}
}

var protocols = []string{"h2", "http/1.1"}

// current returns what a handshake of this moment uses.
func (f *tlsFiles) current() *tls.Config {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if now.Sub(f.looked) < lookAgain {
		return f.config
	}
	f.looked = now
	// Before they are read: what changes meanwhile is seen the next time.
	stamps := f.stat()
	if same(stamps, f.stamps) {
		return f.config
	}
	f.stamps = stamps
	config, err := f.read()
	if err != nil {
		f.log.Warn("the files of server.tls have changed and do not fit: the certificate from before stays", "err", err)
		return f.config
	}
	f.config = config
	f.log.Info("the files of server.tls have changed and are in use", "not_after", config.Certificates[0].Leaf.NotAfter)
	return f.config
}

func (f *tlsFiles) stat() [3]fs.FileInfo {
	var stamps [3]fs.FileInfo
	for i, name := range []string{f.cert, f.key, f.clientCA} {
		if info, err := os.Stat(name); err == nil { // "" is no file
			stamps[i] = info
		}
	}
	return stamps
}

func same(a, b [3]fs.FileInfo) bool {
	for i := range a {
		switch {
		case a[i] == nil && b[i] == nil:
		case a[i] == nil, b[i] == nil,
			!os.SameFile(a[i], b[i]), a[i].Size() != b[i].Size(), !a[i].ModTime().Equal(b[i].ModTime()):
			return false
		}
	}
	return true
}

// read returns what the files say now.
func (f *tlsFiles) read() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate %s and its key %s: %w", f.cert, f.key, err)
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: protocols, Certificates: []tls.Certificate{pair}}
	if f.clientCA == "" {
		return config, nil
	}
	pem, err := os.ReadFile(f.clientCA)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of clients: %w", err)
	}
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	if !config.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("the authorities of clients: %s holds no certificate in PEM", f.clientCA)
	}
	return config, nil
}
