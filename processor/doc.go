// Package processor is stage two: which records, which tasks, which outputs. It
// reads what is stored, has texts and images computed, and writes a dataset.
//
//	run directory ─► manifest, indexes ─┐                 ┌─► text   ─┐
//	WARC file     ─► records            ├─► rows and jobs ┤  workers  ├─► parts ─► documents/RUN.parquet
//	folder, file  ─► files, sniffed     ┘   (key)         └─► images ─┘   │        images/RUN.parquet
//	                                                            thumbnails/        quarantine.jsonl
//
// A job's [Key] is the hash of payload digest, media type, task, version and
// options. Each key is computed once, in whatever record it appears, in this run
// or an earlier one; every record that has it gets a row. Workers get the place
// of a record, not its bytes: they read, de-chunk and decode it themselves.
//
// Rows are one per URL and run, the last capture with content; the columns stand
// at [Origin], [Document] and [Image]. A page that the crawl found unchanged
// repeats its row out of the parts. A 404 or 410 of a URL that an earlier run
// had is a row without content, "gone". Near-duplicate groups are found per run,
// when the tables are written, so rows depend on nothing but the inputs.
//
// # Ownership
//
// [Processor.Run] holds OUT/dataset/lock and everything below; it returns when
// all it started has ended. One goroutine lists, ahead of the work; one per task
// takes results. Parts are append-only: a result is written once, and the
// thumbnails that it speaks of are durable before its part is sealed. Tables,
// quarantine.jsonl and process.json appear by rename.
//
// # Failure
//
// What an item does wrong is data: it is quarantined with its reason (memory,
// deadline, crash, decode, too_large, unsupported) and not tried again by the
// same command unless RetryQuarantined says so. Damage in an archive is counted
// and named, and the rest is kept. A drained run keeps its parts and leaves the
// tables of the run before; a killed one loses at most the results that were on
// their way, because the open part is cut to its last whole result at the next
// start. Following a crawl that dies, a run finishes what was sealed, builds the
// tables and then returns [ErrCrawlDied].
//
// Content types decide tasks; bytes are looked at when there is none, or
// application/octet-stream. Two records with equal bytes and media type share a
// result even if their headers name different charsets: the one listed first
// decides. Revisit records of other people's archives are resolved when the
// payload's SHA-256 is known, otherwise counted as revisit_without_payload.
//
// # Costs
//
// Memory: about 400 bytes beside its URL for each row of the run at hand, 200
// for each URL of earlier runs, 100 for each result in the parts, and 500 for
// each document while near duplicates are searched; payloads and texts are never
// held beyond those in flight. Each sealed part (8192 results) holds one file
// descriptor. Linking this package costs a process what processor/text costs.
package processor
