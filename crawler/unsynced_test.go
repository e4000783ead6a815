package crawler_test

import "tandem/store/fsx"

// unsynced is a file system that takes a sync for done: hundreds of crawls in a
// test would wait for the disk alone. Faults are injected above it.
type unsynced struct{ fsx.FS }

func (u unsynced) SyncDir(string) error { return nil }

func (u unsynced) Create(name string) (fsx.File, error)     { return unsyncedOf(u.FS.Create(name)) }
func (u unsynced) OpenAppend(name string) (fsx.File, error) { return unsyncedOf(u.FS.OpenAppend(name)) }
func (u unsynced) OpenReadWrite(name string) (fsx.File, error) {
	return unsyncedOf(u.FS.OpenReadWrite(name))
}

type unsyncedFile struct{ fsx.File }

func (unsyncedFile) Sync() error { return nil }

func unsyncedOf(f fsx.File, err error) (fsx.File, error) {
	if err != nil {
		return nil, err
	}
	return unsyncedFile{f}, nil
}
