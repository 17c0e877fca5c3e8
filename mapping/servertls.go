package mapping

// ServerTLS makes listen speak TLS itself, 1.2 and newer, and HTTP/2 with it.
// The files are read again when they change. admin_listen stays without.
type ServerTLS struct {
	Cert *File `yaml:"cert_file" need:"/etc/hostscim/tls.crt"` // the certificate, with its chain, in PEM
	Key  *File `yaml:"key_file" need:"/etc/hostscim/tls.key"`  // its private key, in PEM
	// ClientCA are the authorities of the certificates that clients have to
	// show, in PEM; left out, none are asked for.
	ClientCA *File `yaml:"client_ca_file"`
}
