package transport

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"tandem/internal/units"
)

// The values of Route.ProxyHTTP.
const (
	ProxyTunnel  = "tunnel"
	ProxyForward = "forward"
)

// maxPEM bounds a file of certificates or keys, in bytes.
const maxPEM = 4 << 20

// Route is the part of a job that says by which way servers are reached, and whom to believe there. Its keys are flags of the
// commands that have it. The zero value is the direct way with the defaults.
type Route struct {
	// Proxy is the URL of the proxy, or env:NAME or file:PATH of one; "" is none. See Proxy.
	Proxy string `yaml:"proxy" doc:"a proxy that every connection goes through: http://, https:// or socks5://[user:password@]host:port, or env:NAME or file:PATH of one"`
	// ProxyHTTP is tunnel or forward; see Proxy.Forward. Defaults to tunnel.
	ProxyHTTP string `yaml:"proxy-http" check:"oneof=tunnel|forward" doc:"how http URLs go through an http proxy: tunnel (CONNECT to the checked address) or forward (the proxy resolves the name)"`
	// TLSCA is a PEM file of roots that are trusted beside the system's.
	TLSCA string `yaml:"tls-ca" doc:"a PEM file of root certificates to trust beside the system's"`
	// TLSCert and TLSKey are the PEM files of the certificate that the job's own servers may ask for.
	TLSCert string `yaml:"tls-cert" doc:"a PEM file with the client certificate (and its chain) for the job's own origins"`
	TLSKey  string `yaml:"tls-key" doc:"a PEM file with the key of tls-cert"`
	// TLSInsecure believes every certificate, but never a proxy's.
	TLSInsecure bool `yaml:"tls-insecure" doc:"believe any certificate: anybody between here and the servers may read and change everything"`
	// TLSMin is the lowest version of TLS that is spoken: 1.2 or 1.3. Defaults to 1.2.
	TLSMin string `yaml:"tls-min" check:"oneof=1.2|1.3" doc:"the lowest version of TLS that is spoken: 1.2 or 1.3"`
}

// DefaultRoute is the direct way.
func DefaultRoute() Route { return Route{ProxyHTTP: ProxyTunnel, TLSMin: "1.2"} }

// Validate reports what is wrong with r as it stands, without reading files or the environment.
func (r Route) Validate() error {
	var errs []error
	if r.Proxy != "" && !units.IsReference(r.Proxy) && !r.masked() {
		if _, err := ParseProxy(r.Proxy); err != nil {
			errs = append(errs, units.AtKey("proxy", fmt.Errorf("proxy: %w", err)))
		}
	}
	switch r.ProxyHTTP {
	case "", ProxyTunnel, ProxyForward:
	default:
		errs = append(errs, units.AtKey("proxy-http", fmt.Errorf("proxy-http %q: want tunnel or forward", r.ProxyHTTP)))
	}
	if r.Proxy == "" && r.ProxyHTTP == ProxyForward {
		errs = append(errs, units.AtKey("proxy-http", errors.New("proxy-http forward: there is no proxy")))
	}
	switch r.TLSMin {
	case "", "1.2", "1.3":
	default:
		errs = append(errs, units.AtKey("tls-min", fmt.Errorf("tls-min %q: want 1.2 or 1.3", r.TLSMin)))
	}
	if (r.TLSCert == "") != (r.TLSKey == "") {
		key := "tls-cert"
		if r.TLSCert == "" {
			key = "tls-key"
		}
		errs = append(errs, units.AtKey(key, errors.New("tls-cert and tls-key: one is of no use without the other")))
	}
	return errors.Join(errs...)
}

// masked reports whether the proxy is what Masked has made. Only Apply refuses it, so that a job that was kept can be read.
func (r Route) masked() bool {
	return r.Proxy == units.Masked || strings.Contains(r.Proxy, ":"+units.Masked+"@")
}

// Masked is r with the password of a proxy that is given literally masked.
func (r Route) Masked() Route {
	if r.Proxy == "" || units.IsReference(r.Proxy) {
		return r
	}
	u, err := url.Parse(r.Proxy)
	if err != nil {
		r.Proxy = units.Masked
		return r
	}
	if _, secret := u.User.Password(); secret {
		p := url.URL{Scheme: u.Scheme, Host: u.Host}
		r.Proxy = p.Scheme + "://" + url.User(u.User.Username()).String() + ":" + units.Masked + "@" + p.Host
	}
	return r
}

// Apply reads what r names and puts it into cfg. The client certificate is for those that own names alone. The error names the key,
// the file and the problem.
func (r Route) Apply(cfg *Config, own func(hostport string) bool) error {
	if err := r.Validate(); err != nil {
		return err
	}
	var errs []error
	keep := func(key string, err error) {
		if err != nil {
			errs = append(errs, units.AtKey(key, fmt.Errorf("%s: %w", key, err)))
		}
	}
	var err error
	cfg.Proxy, err = r.proxy()
	keep("proxy", err)
	cfg.TLS = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: r.TLSInsecure}
	if r.TLSMin == "1.3" {
		cfg.TLS.MinVersion = tls.VersionTLS13
	}
	if r.TLSCA != "" {
		cfg.TLS.RootCAs, err = roots(r.TLSCA)
		keep("tls-ca", err)
	}
	if r.TLSCert != "" {
		cfg.CertificateFor = own
		cfg.Certificate, err = clientCertificate(r.TLSCert, r.TLSKey)
		keep("tls-cert", err)
	}
	return errors.Join(errs...)
}

func (r Route) proxy() (*Proxy, error) {
	if r.Proxy == "" {
		return nil, nil
	}
	raw, err := units.Reveal(r.Proxy)
	if err != nil {
		return nil, err
	}
	p, err := ParseProxy(raw)
	if err != nil {
		return nil, err
	}
	p.Forward = r.ProxyHTTP == ProxyForward
	return p, p.check()
}

// roots are the system's roots and those of a file, in which every block must be a certificate.
func roots(path string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil { // there is none, on some systems
		pool = x509.NewCertPool()
	}
	rest, err := readPEM(path)
	if err != nil {
		return nil, err
	}
	n := 0
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("%q: block %d is a %s, want certificates alone", path, n+1, block.Type)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%q: certificate %d: %w", path, n+1, err)
		}
		pool.AddCert(cert)
		n++
	}
	if n == 0 {
		return nil, fmt.Errorf("%q: it holds no PEM certificate", path)
	}
	return pool, nil
}

// clientCertificate reads a certificate and its key, which must fit and must not have expired.
func clientCertificate(certPath, keyPath string) (*tls.Certificate, error) {
	certPEM, err := readPEM(certPath)
	if err != nil {
		return nil, err
	}
	keyPEM, err := readPEM(keyPath)
	if err != nil {
		return nil, fmt.Errorf("tls-key: %w", err)
	}
	cert, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, fmt.Errorf("%q with key %q: %w", certPath, keyPath, err)
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("%q: %w", certPath, err)
	}
	if time.Now().After(leaf.NotAfter) {
		return nil, fmt.Errorf("%q: it expired on %s", certPath, leaf.NotAfter.UTC().Format(time.DateOnly))
	}
	return &cert, nil
}

func readPEM(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxPEM+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxPEM {
		return nil, fmt.Errorf("%q: it is longer than %d bytes", path, maxPEM)
	}
	return b, nil
}
