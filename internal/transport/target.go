package transport

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Target is where a request goes, taken apart once.
type Target struct {
	Scheme   string // "http" or "https"
	HostPort string // host:port, always with a port; IPv6 addresses in brackets
	URI      string // path and query; "" means "/"
	Host     string // the Host header; "" means HostPort without the scheme's own port
}

// ParseTarget takes an absolute http or https URL apart. It is strict rather than clever: URLs of the web are made canonical by
// crawler/weburl before they come here. User names and passwords are refused.
func ParseTarget(raw string) (Target, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Target{}, fmt.Errorf("parse URL %q: %w", raw, errors.Unwrap(err))
	}
	t := Target{Scheme: strings.ToLower(u.Scheme), URI: u.RequestURI()}
	switch {
	case t.Scheme != "http" && t.Scheme != "https":
		return Target{}, fmt.Errorf("parse URL %q: want http:// or https://", raw)
	case u.Hostname() == "":
		return Target{}, fmt.Errorf("parse URL %q: no host", raw)
	case u.User != nil:
		return Target{}, fmt.Errorf("parse URL %q: user name or password in a URL", raw)
	}
	port := u.Port()
	if port == "" {
		port = defaultPort(t.Scheme)
	}
	t.HostPort = net.JoinHostPort(strings.ToLower(u.Hostname()), port)
	return t, t.validate()
}

func (t Target) validate() error {
	if t.Scheme != "http" && t.Scheme != "https" {
		return fmt.Errorf("scheme %q: want http or https", t.Scheme)
	}
	host, port, err := net.SplitHostPort(t.HostPort)
	if err != nil || host == "" || !validPort(port) || !printable(t.HostPort) || strings.ContainsAny(t.HostPort, "/?#@\\") {
		return fmt.Errorf("host %q: want host:port", t.HostPort)
	}
	if t.URI != "" && t.URI[0] != '/' && t.URI[0] != '?' {
		return fmt.Errorf("request URI %q: want it to begin with /", t.URI)
	}
	if !printable(t.URI) || !printable(t.Host) {
		return fmt.Errorf("request URI %q: spaces and control bytes are not allowed", t.URI)
	}
	return nil
}

// hostHeader is the value of the Host header.
func (t Target) hostHeader() string {
	if t.Host != "" {
		return t.Host
	}
	return strings.TrimSuffix(t.HostPort, ":"+defaultPort(t.Scheme))
}

// absolute is the target in absolute form, as a proxy wants it.
func (t Target) absolute() string {
	uri := t.URI
	if uri == "" || uri[0] != '/' {
		uri = "/" + uri
	}
	return t.Scheme + "://" + strings.TrimSuffix(t.HostPort, ":"+defaultPort(t.Scheme)) + uri
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

func validPort(port string) bool {
	n := 0
	for _, c := range []byte(port) {
		if c < '0' || c > '9' {
			return false
		}
		if n = n*10 + int(c-'0'); n > 65535 {
			return false
		}
	}
	return n > 0
}

// printable reports whether s has no space and no control byte.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
