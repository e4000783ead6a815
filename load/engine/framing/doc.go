// Package framing finds where HTTP/1.1 responses end in a stream of bytes, for an engine that reads many connections into one
// buffer and wants to know little more about what comes: the status, how much payload, whether the connection can be used again.
//
//	Framer.Reset(bodiless)                      before each response
//	Framer.Feed(b) → n, done, err               whatever a read brought
//
//	    ┌─ 1xx ─┐                64 of them, 64 KiB of heads, 1000 lines each
//	    ▼       │
//	    head ───┤
//	            ├─ HEAD, 204, 304 ───────────────────────────────────────► finished
//	            ├─ Content-Length: n ──► body ── n bytes ────────────────► finished
//	            ├─ chunked ──► size ── 0 ──► trailers ── empty line ─────► finished
//	            │               ▲  └── n ──► chunk ── n bytes, CRLF ──┐
//	            │               └─────────────────────────────────────┘
//	            └─ neither ──► rest ── End: the connection ended ────────► finished, and Close is true
//
//	    anything else ──► failed: ErrMalformed, ErrInterim, ErrTooLarge
//
//	Framer.Skip, Framer.Skipped                 payload that the caller throws away unread
//
// The rules are RFC 9112 section 6 and those of internal/transport, whose verdicts and classes of failure it shares: framing that is
// doubtful is either refused or trusted once, with Close. A fuzz test over there holds both readers together. There are three
// exceptions: 64 interim responses are skipped and not 8, a broken line between chunks is known by its first wrong byte, and what a
// Trailer field lists is not judged.
//
// # Two readers of heads
//
// Almost every head is written as RFC 9112 wants it. canonical reads such a head in one pass, eight bytes at a time where it can, and
// gives up at the first thing that is out of the ordinary. judge reads all others, in the plain way of internal/transport. A fuzz
// test checks that where canonical answers, judge answers the same.
//
// # Ownership
//
// A Framer keeps no reference to what it is fed. A head that is cut by the end of a read is copied, and read once it is whole, so
// that it makes no difference how the bytes come in. That copy grows by what is received, to 64 KiB at most, and is given up after
// the head if it is larger than 1 KiB; it costs linear time, also byte by byte. Nothing else takes memory.
//
// # Failure
//
// Errors are few and fixed, and name no bytes of the response: counting them costs nothing. After one the connection is of no use.
//
// # Costs
//
// A Framer has 72 bytes. The benchmarks say what a response costs beside fasthttp's reader of heads; nothing is allocated for a
// head that comes in one piece. With a Memo, which the framers of one goroutine share, a head that came before is compared and not read.
package framing
