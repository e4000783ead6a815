package crawler

import (
	"errors"
	"net"
	"net/netip"
	"strings"

	"tandem/internal/transport"
	"tandem/internal/units"
)

// luggage is what a job takes along that does not stand in it: the secrets,
// certificates and cookies that it names.
type luggage struct {
	identity *identity
	cookies  *cookies         // nil where the job wants none
	way      transport.Config // proxy and TLS; without them where they could not be read
}

// pack reads what a job names. Beside an error it returns what there is.
func pack(cfg *Config) (*luggage, error) {
	id, err := newIdentity(cfg)
	l := &luggage{identity: id}
	errs := []error{err}
	if cfg.Cookies != CookiesOff {
		l.cookies = newCookies()
		if cfg.CookieFile != "" {
			errs = append(errs, units.AtKey("cookie-file", l.cookies.loadCookieFile(cfg.CookieFile)))
		}
	}
	if err := cfg.Route.Apply(&l.way, id.trusts); err != nil {
		errs, l.way = append(errs, err), transport.Config{}
	}
	return l, errors.Join(errs...)
}

// warn says what a job gives up, once.
func (l *luggage) warn(cfg *Config) {
	if cfg.TLSInsecure {
		cfg.Logger.Warn("certificates are not checked (tls-insecure): anybody between here and the servers may read and change everything")
	}
	for i := range cfg.Origins {
		o := &cfg.Origins[i]
		if name, err := o.parse(); err == nil && o.User+o.Bearer != "" && strings.HasPrefix(name, "http://") && !local(name) {
			cfg.Logger.Warn("credentials go to an origin without encryption", "origin", name)
		}
	}
}

// local reports whether an http origin is this machine.
func local(origin string) bool {
	host := strings.TrimPrefix(origin, "http://")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback() || host == "localhost" || strings.HasSuffix(host, ".localhost")
}
