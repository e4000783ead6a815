// Package proxytest runs real proxies on loopback for tests: HTTP (CONNECT and absolute form), the same inside TLS, and SOCKS 5.
//
//	client ─► Proxy ─► the address that was asked for, or where Options.Route sends it
//
// It is its own reading of RFC 9110, 1928 and 1929 and shares no code with the client that it tests.
//
// # Ownership
//
// Serve starts goroutines, one for each connection; the test's cleanup closes every connection and waits for them.
//
// # Failure
//
// A client that does not speak the proxy's protocol is noted as "bad: …" among the requests, and its connection closed.
package proxytest
