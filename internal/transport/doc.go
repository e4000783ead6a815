// Package transport is Tandem's one HTTP client: it speaks HTTP/1.1 to servers that nobody vouches for, and hands back
// exactly what they sent.
//
//	Client.Do(ctx, Request)
//	   │
//	   ├─ validate, serialise           fasthttp.RequestHeader: no line break ever leaves in a name or a value
//	   ├─ pool: an idle connection      looked at first (non-blocking peek): anything unread on it → closed
//	   │    └─ or dial                  resolve → Map → Guard on every address → connect, or ask the proxy for the address → TLS
//	   ├─ write
//	   ├─ head                          own reader (caps, 1xx skipped) → repair → fasthttp.ResponseHeader judges
//	   ├─ framing                       RFC 9112 section 6.3, decided here
//	   └─ body                          own reader: cut is not whole, lengths are claims, caps hold while streaming
//	Response.Settle(ctx)                the connection stayed quiet → trusted, and back to the pool
//	Response.Release()
//
//	Session.Do(ctx, Request)            one caller's own connections, for load: no pool; a Prepared request is rendered once
//	   │
//	   ├─ turn                          one wait on the socket: look (nothing must be there), write, read
//	   ├─ head                          a plain one in one pass (quickHead), any other as above
//	   └─ redirects, cookies            if SessionConfig wants them
//
//	Client.Addresses, DialTarget        for engines that speak by themselves
//
// The codecs are fasthttp's. The connections are ours, because fasthttp's client reuses a connection on which an unasked
// response waits (it becomes the next URL's page), hides a cut chunked body when streaming, allocates what a
// Content-Length promises and cannot show the bytes as received.
//
// # Ownership
//
// The package starts no goroutine of its own (a context that can be cancelled costs one short timer-like callback per
// exchange). Idle connections belong to the Client and are closed by later calls once they are too old, and by Close,
// which waits for the exchanges in flight. A Response belongs to its caller until Release. With Config.Settle it owns its
// connection until Settle or Release; a large one owns its part of Config.LargeBytes until Release.
//
// # Failure
//
// No answer is an *Error with the phase and a class that can be counted. An answer whose head arrived and whose body did not
// come whole is a Response with Truncated set: "length", "time" or "disconnect". A body whose chunk framing is broken is an
// *Error: what it says cannot be told from what it frames. A body that ends with the connection is whole when the connection
// ends in order; inside TLS a missing close_notify between two records counts as order, because many sites leave it out.
// Redirects are never followed, but by a Session that is told to, and bodies never decoded.
//
// A server that sends more responses than it was asked for makes a later request's answer of them. With Config.Settle that is
// noticed before the answer is trusted (ClassUnasked), if the server answers the later request within three times its usual
// time (at least Config.Settle, at most twenty times that). Not noticed is an unasked response without an end of its own, which
// swallows the true answer until the connection closes, or which is cut at MaxBody.
//
// # Costs
//
// One pooled Response and its two buffers per exchange, one system call to look at the connection, one to write, one or
// more to read. A buffer grows with what is received: a lying Content-Length costs nothing. All bodies of more than 1 MiB
// together take no more than Config.LargeBytes, a chunked one in one copy; their buffers are kept for the next ones.
// A Session's exchange allocates nothing and makes three system calls: the look costs what a vain first read would. Its deadline is set
// once in half of the timeout, and again only when that one passes too early (see lazy).
//
// Settling keeps a connection for 10 ms, say, so that a host serves at most 100 pages a second on each; the caller waits too.
package transport
