// Package fast is the engine for plain HTTP/1.1 at the least cost a request: one epoll loop for each core, on a locked thread (Linux).
//
//	              loop 1, on a thread of its own                    loop 2 …
//	Cursor ──► due? ──► free connection ──► write(request bytes, rendered once)
//	   ▲                      ▲                         │
//	   │                      │                         ▼
//	   └── closed loop ── response whole? ◄── framing ◄── read ◄── epoll_wait (edges; each socket is registered once)
//	                          │
//	                          ▼
//	                     recorder.Shard, the loop's own
//
// A request costs one write, one read, and its part of an epoll_wait, without a goroutine switch. Loops share nothing but a closed
// loop's count of requests: the plan, the connections and the recorder are divided among them.
//
// What it does not do, the fasthttp engine does: TLS, proxies, several origins, redirects, cookies, checks that look at more than the
// status.
//
// # Ownership
//
// An Engine owns its loops and their sockets. Run starts a thread for each loop and waits for them; Close closes the sockets, which
// are kept between two calls of Run. While it runs, the process has one processor of Go's more for each loop, which keeps it through
// short waits. The origin is looked up once, at the first dial; a lookup that failed is repeated after 100 ms.
//
// # Failure
//
// As package engine says. A connection that ends, breaks or brings what nobody asked for is closed and made anew when it is wanted. A
// request that went out on a kept-alive connection that ended without a byte of the answer is sent once more if its method is
// idempotent and it has time left. Requests behind it in a pipeline are, too; behind an answer that announces the end of the connection
// all are, since the server has promised not to look at them (RFC 9112 section 9.6). A connection that brings bytes before it was asked has
// failed. What cannot be told is an answer too many that comes when the next request is out: it answers that one.
//
// # Costs
//
// About 4 µs of CPU a request on loopback, nearly all of it the kernel's. A connection takes some 300 bytes here; a loop has one read buffer of
// 64 KiB. Waits are exact to the kernel's timers: some 60 µs.
package fast
