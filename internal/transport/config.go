package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Config says how a Client behaves. The zero value of each field means its default.
type Config struct {
	// UserAgent is sent with every request that has no User-Agent of its own. Defaults to "TandemFetch".
	UserAgent string
	// Timeout bounds one exchange, from Do to the last byte of the body, waits for LargeBytes and MaxConns left out. Defaults to 30 s.
	Timeout time.Duration
	// MaxBody bounds the payload of a response in bytes; what goes beyond is cut. Defaults to 32 MiB.
	MaxBody int64
	// LargeBytes bounds the memory in bytes that bodies of more than 1 MiB may take, over the whole client: a body that grows beyond
	// 1 MiB waits, with its timeout stopped, until what it may become is free, up to 4 MiB at first, and in whole when it
	// has become that. One that is larger than LargeBytes waits for all of it. What is taken is free again with Response.Release. Defaults to 64 MiB.
	LargeBytes int64
	// MaxHeader bounds a response's head, all interim responses together, and the trailers, in bytes each. Defaults to 64 KiB.
	MaxHeader int
	// Settle is how long a connection must have been quiet, at the least, until the answer that it brought is trusted and it is used
	// again: see Response.Settle. Defaults to 0: answers are trusted and connections used again at once.
	Settle time.Duration
	// MaxConnsPerHost bounds the exchanges in flight with one host:port; a caller beyond it waits. It bounds the open connections,
	// too: to the same number, or four times as many with Settle, since those that settle are not in flight. Defaults to 0: no bound.
	MaxConnsPerHost int
	// MaxConns bounds the open connections over all hosts, idle ones included: a dial beyond it closes the longest idle one, or waits, with
	// its timeout stopped. While addresses are looked up, up to two sockets more are open for every fourth. Defaults to 0: no bound.
	MaxConns int
	// MaxIdle bounds the idle connections that are kept, over all hosts. Defaults to 256.
	MaxIdle int
	// IdleTimeout is the age at which an idle connection is not used again. Defaults to 30 s.
	IdleTimeout time.Duration
	// ResolveTTL is how long a name's addresses are remembered; negative means not at all. Defaults to 30 s.
	ResolveTTL time.Duration
	// Guard refuses addresses at dial time. Defaults to NewGuard(nil, nil): public addresses only.
	Guard *Guard
	// Map sends the connections of a host:port to a listener: "go.localhost:80" → "127.0.0.1:41234". Values are literal addresses.
	Map map[string]string
	// Record keeps the bytes as received, chunk framing included, in Response.Raw.
	Record bool
	// Discard reads bodies and throws them away: only BodyLen is known. Not together with Record.
	Discard bool
	// NoRetry turns off the second attempt after a kept-alive connection turned out to be dead.
	NoRetry bool
	// TLS is the base of every TLS connection's configuration; the server name is filled in. Defaults to TLS 1.2 and up.
	TLS *tls.Config
	// Certificate is shown to the servers that ask for one, if CertificateFor names their host:port. Defaults to none.
	Certificate *tls.Certificate
	// CertificateFor says who may see Certificate. It must always answer the same. Required with Certificate.
	CertificateFor func(hostport string) bool
	// ServerName is asked for and verified inside TLS, in place of the URL's host, by the connections to what the user named (Request.Named).
	// Defaults to "", the URL's host.
	ServerName string
	// UnixSocket is the path of a socket that every connection leads to, whatever host the URL names: no name is looked up and no
	// address guarded, since the user chose the socket. Not together with Proxy or Map. Defaults to "", none.
	UnixSocket string
	// NoKeepAlive makes every connection serve one exchange, and says so ("Connection: close").
	NoKeepAlive bool
	// Proxy is what connections go through. Defaults to nil, none; the environment (HTTP_PROXY and the like) is not asked.
	Proxy *Proxy
	// Resolve looks a host name up. Defaults to net.DefaultResolver, both address families.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Logger gets debug lines about connections. Defaults to silence.
	Logger *slog.Logger
}

// defaults for Config.
const (
	defaultUserAgent   = "TandemFetch"
	defaultTimeout     = 30 * time.Second
	defaultMaxBody     = 32 << 20
	defaultLargeBytes  = 64 << 20
	defaultMaxHeader   = 64 << 10
	defaultMaxIdle     = 256
	defaultIdleTimeout = 30 * time.Second
	defaultResolveTTL  = 30 * time.Second
	tlsSessions        = 256
)

func (c Config) withDefaults() Config {
	setDefault(&c.UserAgent, defaultUserAgent)
	setDefault(&c.Timeout, defaultTimeout)
	setDefault(&c.MaxBody, defaultMaxBody)
	setDefault(&c.LargeBytes, defaultLargeBytes)
	setDefault(&c.MaxHeader, defaultMaxHeader)
	setDefault(&c.MaxIdle, defaultMaxIdle)
	setDefault(&c.IdleTimeout, defaultIdleTimeout)
	setDefault(&c.ResolveTTL, defaultResolveTTL)
	if c.Guard == nil {
		c.Guard = NewGuard(nil, nil)
	}
	if c.TLS == nil {
		c.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if c.Resolve == nil {
		c.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate reports everything that is wrong with c at once.
func (c Config) Validate() error {
	var errs []error
	check := func(bad bool, format string, args ...any) {
		if bad {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Timeout < 0, "timeout %v: want a positive duration", c.Timeout)
	check(c.MaxBody < 0, "max body %d: want a positive size", c.MaxBody)
	check(c.LargeBytes < 0, "large bytes %d: want a positive size", c.LargeBytes)
	check(c.MaxHeader < 0, "max header %d: want a positive size", c.MaxHeader)
	check(c.Settle < 0, "settle %v: want 0 or a positive duration", c.Settle)
	check(c.MaxConnsPerHost < 0, "max connections per host %d: want 0 or more", c.MaxConnsPerHost)
	check(c.MaxConns < 0, "max connections %d: want 0 or more", c.MaxConns)
	check(c.MaxIdle < 0, "max idle %d: want a positive number", c.MaxIdle)
	check(c.IdleTimeout < 0, "idle timeout %v: want a positive duration", c.IdleTimeout)
	check(c.Record && c.Discard, "record and discard: choose one")
	check(c.Certificate != nil && c.CertificateFor == nil, "certificate: nobody may see it")
	check(!printable(c.ServerName), "server name %q: spaces and control bytes are not allowed", c.ServerName)
	check(c.UnixSocket != "" && (c.Proxy != nil || len(c.Map) > 0), "unix socket %q: not together with a proxy or a map", c.UnixSocket)
	if c.Proxy != nil {
		err := c.Proxy.check()
		check(err != nil, "proxy: %w", err)
	}
	check(!validValue(c.UserAgent), "user agent %q: control bytes are not allowed", c.UserAgent)
	_, err := parseMap(c.Map)
	check(err != nil, "%w", err)
	return errors.Join(errs...)
}

// parseMap turns Config.Map into normal host:ports and literal addresses.
func parseMap(m map[string]string) (map[string]netip.AddrPort, error) {
	out := make(map[string]netip.AddrPort, len(m))
	for from, to := range m {
		addr, err := netip.ParseAddrPort(to)
		if err != nil {
			return nil, fmt.Errorf("map %q: %q is not a literal ip:port", from, to)
		}
		if _, _, err := net.SplitHostPort(from); err != nil {
			return nil, fmt.Errorf("map %q: want host:port", from)
		}
		out[normalHostPort(from)] = addr
	}
	return out, nil
}
