package legacyclient

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/url"
)

// TLS is what the connections to the API need beyond what the system trusts.
// All is PEM; nil: not given.
type TLS struct {
	// CA are the authorities that are trusted, in place of those of the system.
	CA []byte
	// Cert and Key are the certificate, with its chain, that the client shows,
	// and its private key.
	Cert, Key []byte
}

// config returns the TLS configuration; nil: that of the system. No error text
// holds anything of a key.
func (t TLS) config() (*tls.Config, error) {
	if t.CA == nil && t.Cert == nil && t.Key == nil {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CA != nil {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(t.CA) {
			return nil, errors.New("tls: the ca file holds no certificate in PEM")
		}
	}
	if t.Cert != nil || t.Key != nil {
		pair, err := tls.X509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, errors.New("tls: the cert file and the key file are no certificate and its private key in PEM")
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

func validProxy(u *url.URL) error {
	if u == nil || (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "socks5") && u.Host != "" {
		return nil
	}
	return errors.New("proxy must be a url with http, https or socks5, and a host")
}
