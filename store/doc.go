// Package store is the seam between the two stages: the crawler appends exchanges to WARC segments, the processor reads sealed
// segments by their indexes.
//
//	Append ─► 000007.warc.gz.open ──seal──► 000007.warc.gz   one gzip member per record (.warc.zst: one
//	            │                           000007.cdxj       Zstandard frame; .warc: as they are): response or revisit,
//	            │                                             request, metadata
//	            │ kill -9                   manifest.jsonl    one line per sealed segment
//	            ▼                           index.cdxj        all indexes merged (MergeIndex)
//	OpenWriter cuts the torn tail, finishes
//	half-done seals, writes on
//
//	ReadManifest ─► ReadIndex ─► ReadResponse ─► Response.Decode        ScanFile: the same for other people's WARC files
//
// Sealing goes: fsync, rename, fsync of the folder, index by rename, then the manifest line and its fsync. A segment in the manifest
// is therefore whole and has its index, and a reader needs no lock.
//
// # Ownership
//
// One [Writer] owns a folder; the caller sees to that (fsx.Lock). A Writer starts no goroutine: somebody calls [Writer.SealIfDue] and
// [Writer.Sync] about once a second. All its methods are safe for concurrent use. Readers share nothing.
//
// # Failure
//
// A write that fails or comes up short is cut off again before anything else is appended; only that Append fails. A failed fsync, or
// any failed step of sealing, ends the Writer: every later call returns [ErrBroken] with the first cause, and OpenWriter on the same
// folder repairs what is there. Nothing that [Writer.Sync] confirmed is lost. Damage in files being read is reported with file and
// offset, and the rest is read.
//
// # Costs
//
// Append compresses outside the lock, so it scales with cores; the lock is held for one write call, several for more than 4 MiB. A Writer keeps the index
// entries of the open segment in memory, some hundred bytes per record. Reading holds one record at a time.
package store
