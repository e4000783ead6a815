package http2

import (
	"context"
	"errors"
	"net"

	"tandem/internal/transport"
)

// errNotOffered says that a server of https agreed on another protocol or on none.
var errNotOffered = errors.New("the server does not offer HTTP/2 (ALPN h2)")

// Over returns a Config.Dial that connects through client: its guard, proxy, map and TLS hold. The connections count to its MaxConns.
func Over(client *transport.Client) func(ctx context.Context, t transport.Target, named bool, timing *transport.Timing) (net.Conn, error) {
	return func(ctx context.Context, t transport.Target, named bool, timing *transport.Timing) (net.Conn, error) {
		nc, protocol, err := client.DialTarget(ctx, t, named, []string{"h2"}, timing)
		if err != nil {
			return nil, err
		}
		if t.Scheme == "https" && protocol != "h2" {
			_ = nc.Close() // nothing was said
			return nil, &transport.Error{Phase: transport.PhaseTLS, Class: transport.ClassTLS, HostPort: t.HostPort, Err: errNotOffered}
		}
		return nc, nil
	}
}
