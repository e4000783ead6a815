// Package fsx is the file system seam: every write, sync and rename that must survive a crash goes through [FS], so a test can
// make each of them fail.
//
//	store, crawler/frontier ──► FS ──► OS()      the real file system
//	                             └───► *Fault    the same, but the calls that a test picks fail
//	WriteFile   temporary file → fsync → rename → fsync of the folder
//	Lock        flock on a file that names its holder
//
// # Ownership
//
// Whoever opens a [File] closes it. The package starts no goroutine. An [FS] is safe for concurrent use; a [File] is as safe as
// an [os.File].
//
// # Failure
//
// Errors are those of package os (*fs.PathError, *os.LinkError), so errors.Is(err, fs.ErrNotExist) works through every layer. A
// failed [WriteFile] leaves the old file as it was.
//
// # Costs
//
// OS adds nothing to a system call but one interface call. SyncDir opens, syncs and closes the folder.
package fsx
