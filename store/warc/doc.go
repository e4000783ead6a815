// Package warc writes and reads WARC 1.1 files (ISO 28500:2017), the container that archives of the web are kept in.
//
//	Record ──► Encoder ──► one gzip member ─┐           or one Zstandard frame, or the record as it is
//	Record ──► Encoder ──► one gzip member ─┴─► Writer: one write call for the group ──► file
//
//	file ──► Reader.Next   all records in order; damaged stretches are named and skipped
//	     └─► ReadAt        one record by offset and length
//
// Layouts that are written and read: plain (.warc), one gzip member per record (.warc.gz), one Zstandard frame per record (.warc.zst, as
// "Zstandard Compression for WARC Files 1.0" of the IIPC proposes it). Read besides: records of several frames, frames with a
// dictionary at the start of the file, skippable and empty frames; gzip members and frames that hold many records each. Records of
// the last kind have no place of their own in the file; see [Position].
//
// # Ownership
//
// No goroutine is started and no file is closed: the caller opens and closes. Encoder, Writer and Reader belong to one goroutine
// at a time. A read record's Block is overwritten by the next call of [Reader.Next].
//
// # Failure
//
// What is written is checked first: a header value with a line break or NUL is an error, so text from outside cannot add header
// lines. What is read is hostile: headers and blocks are capped, a declared length is believed only as far as there is data, and
// damage is a [DamageError] with its offsets, after which reading goes on at the next record.
//
// # Costs
//
// An Encoder holds a compressor (up to 1 MB), so it is worth keeping. A Reader holds about 100 KB and the largest block so far; of a
// Zstandard file also the window of its frames, 8 MiB at most, and a dictionary of at most as much. What a frame unpacks to is
// bounded by the limits and 1,032 times its size, as deflate is by nature.
package warc
