package transport

import (
	"errors"
	"fmt"

	"tandem/internal/units"
)

// maxRedirects bounds Line.MaxRedirects.
const maxRedirects = 100

// Line is the part of a load job that says how its connections are made and used, beside Route. Its keys are flags of the commands
// that have it. Begin with DefaultLine: the zero value keeps no connection alive.
type Line struct {
	// UnixSocket is Config.UnixSocket.
	UnixSocket string `yaml:"unix-socket" doc:"the path of a Unix socket that every connection leads to, whatever host the URL names"`
	// ServerName is Config.ServerName.
	ServerName string `yaml:"sni" doc:"the name asked for and verified inside TLS, in place of the URL's host"`
	// KeepAlive uses connections again. Defaults to true.
	KeepAlive bool `yaml:"keepalive" doc:"use connections again; false makes a new one for every request"`
	// MaxRedirects is SessionConfig.MaxRedirects.
	MaxRedirects int `yaml:"max-redirects" check:"min=0,max=100" doc:"follow so many redirects of one request; 0 counts them as answers"`
	// Cookies is SessionConfig.Cookies.
	Cookies bool `yaml:"cookies" doc:"each connection's requests send back the cookies that their answers set"`
}

// DefaultLine keeps connections alive, follows no redirects and ignores cookies.
func DefaultLine() Line { return Line{KeepAlive: true} }

// Validate reports what is wrong with l, and what does not go together with r.
func (l Line) Validate(r Route) error {
	var errs []error
	if l.UnixSocket != "" && r.Proxy != "" {
		errs = append(errs, units.AtKey("unix-socket", errors.New("unix-socket and proxy: connections go one way alone")))
	}
	if len(l.UnixSocket) > maxSocketPath {
		errs = append(errs, units.AtKey("unix-socket", fmt.Errorf("unix-socket %q: a path of a socket has %d bytes at most", l.UnixSocket, maxSocketPath)))
	}
	if !printable(l.ServerName) {
		errs = append(errs, units.AtKey("sni", fmt.Errorf("sni %q: want a host name", l.ServerName)))
	}
	if l.MaxRedirects < 0 || l.MaxRedirects > maxRedirects {
		errs = append(errs, units.AtKey("max-redirects", fmt.Errorf("max-redirects %d: want 0 to %d", l.MaxRedirects, maxRedirects)))
	}
	return errors.Join(errs...)
}

// maxSocketPath is what sockaddr_un has room for on darwin, in bytes; Linux takes four more.
const maxSocketPath = 103

// Apply puts what concerns connections into cfg.
func (l Line) Apply(cfg *Config) {
	cfg.UnixSocket, cfg.ServerName, cfg.NoKeepAlive = l.UnixSocket, l.ServerName, !l.KeepAlive
}

// Session is what concerns each caller.
func (l Line) Session() SessionConfig {
	return SessionConfig{MaxRedirects: l.MaxRedirects, Cookies: l.Cookies}
}
