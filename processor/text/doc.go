// Package text reads documents: what a page says, in which language, in which words.
//
//	bytes ─► kind (HTML, Markdown, plain) ─► charset ─► UTF-8
//	HTML     ─► tokenizer: titles, all visible text, size ─► parser + main content ─┐
//	Markdown ─► blocks and inlines ─────────────────────────────────────────────────┤
//	plain    ─► lines ──────────────────────────────────────────────────────────────┴─► flow: NFC, no controls
//	flow ─► language (2 KB sample) · words ─► keywords · SimHash · MinHash
//
// The main content of a page comes from go-trafilatura; where that finds too little, or the page is not fit for a
// parser (it refuses more than 512 open elements), everything visible is taken, without navigation if there is
// anything else. Pages of source code keep their lines and their indentation.
//
// # Ownership
//
// Pure functions of bytes: no network, no files, no goroutines, nothing kept between calls.
//
// # Failure
//
// Only a media type that is no text is an error. Whatever else is wrong with a document, its row exists, with Notes.
// A panic in a library is caught here and noted, and the next best text is taken.
//
// Input is hostile. Bytes read and bytes given out are capped (MaxHTML, MaxPlain, MaxText; Truncated says so); tags
// over 64 KiB lose their attributes; pages whose tree or search would be out of proportion are not parsed. Time grows
// with size, at most about 1 s per MB; a deadline is the business of whoever runs the task.
//
// # Costs
//
// Linking the package costs its process 0.15 s and 57 MB at start, nearly all for date tables that come with
// go-trafilatura and are not used here (2 s and 180 MB under the race detector). Then 2 ms for a small page of
// documentation, 9 ms for a newspaper page of 150 KB, 0.35 s for a megabyte of HTML full of short elements; Markdown
// runs at 11 MB/s, plain text at 23 MB/s.
package text
