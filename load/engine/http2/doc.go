// Package http2 is the HTTP/2 engine of load (RFC 9113), over TLS and over plain TCP with prior knowledge.
//
//	Plan ── Cursor ──► group: some connections, one lock, one recorder.Shard
//	                    │  pacer (open loop): when a send is due, rouses a slot that has room
//	                    ├─ slot 1 ── conn ── stream, stream, …  ──► server
//	                    ├─ slot 2 ── conn ── stream, stream, …  ──►   …
//	                    └─ slot n    one goroutine each: read a batch, lock, add samples, take sends, write once
//
// It speaks for itself: frames are read where they lie, a request is rendered once and its header block refers to the static table
// alone, and of an answer only the status and the length are decoded unless a check wants more. The decoder has no dynamic table, as the
// server is told. Pushes are forbidden. The windows that the server gets are 1 GiB, for each stream and for the connection.
//
// Groups are as many as cores, of four connections at least. Inside one, whichever connection has room takes the next send: a slow
// connection holds up nobody else's sends but those of a group all of whose connections are slow.
//
// With several origins, each connection has one origin at a time. Their number is divided among the origins; if there are fewer
// connections than origins, a connection is closed and another opened whenever the next send is for another origin. What a
// connection takes for another's origin waits there, and counts as taken in hand when that one has room for it.
//
// # Ownership
//
// A connection belongs to the goroutine of its slot: nobody else reads or writes. Others wake it by a read deadline that has passed. The
// connections stay open between two runs, and Close closes them.
//
// # Failure
//
// What is wrong with a stream (an answer that is malformed, too late, longer or shorter than announced) fails its request, and the
// stream is reset; what is wrong with the connection fails all that are on it. A request that the server says it has not looked at
// (GOAWAY with a lower stream, REFUSED_STREAM) is sent again once, as is an idempotent one on a connection that had died while it was
// kept. A connection that is silent for as long as a request may take gets no further ones, and is closed when those on it have expired.
// A body that a check wants to see and that is longer than 32 MiB fails its request, too: a check of a part would tell nothing.
// Floods are bounded: 64 KiB of fields, 8 interim answers, 10,000 frames in a row that bring no request further.
//
// A server whose SETTINGS allow no stream at all is waited for until the request expires. Before its SETTINGS are there, a connection
// carries one request.
//
// # Costs
//
// No allocation of our own for a request without checks (TLS makes one for a record). A connection takes 4 KiB to read into, 64 KiB where answers are long, beside what TLS
// and the goroutine take. While a body is written, answers on the same connection wait, for a window's worth at most.
//
// Names and values of fields are looked at only as far as the framing needs, unless a check wants fields: an upper-case name or a broken
// Huffman code goes unnoticed otherwise.
package http2
