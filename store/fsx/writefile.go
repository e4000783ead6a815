package fsx

import (
	"io"
	"path/filepath"
)

// TempSuffix ends the name of the temporary file that [WriteFile] and [Replace] write beside the target. Whoever owns a folder
// may delete what ends so after a crash.
const TempSuffix = ".tmp"

// WriteFile replaces name by data: temporary file, fsync, rename, fsync of the folder. After an error the old file is as it was
// (only when the last step failed the new one may be there already); the temporary file is removed as far as that is possible.
// Two writers of one name must not run at once.
func WriteFile(fsys FS, name string, data []byte) error {
	return Replace(fsys, name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Replace is [WriteFile] for contents that are written piece by piece. An error of write is returned as it is.
func Replace(fsys FS, name string, write func(io.Writer) error) error {
	return ReplaceBefore(fsys, name, write, nil)
}

// ReplaceBefore is [Replace] that calls before, if it is not nil, between the fsync and the rename.
func ReplaceBefore(fsys FS, name string, write func(io.Writer) error, before func()) error {
	temp := name + TempSuffix
	err := writeSynced(fsys, temp, write)
	if err == nil {
		if before != nil {
			before()
		}
		err = fsys.Rename(temp, name)
	}
	if err != nil {
		_ = fsys.Remove(temp) // the first error matters; a leftover is replaced by the next try
		return err
	}
	return fsys.SyncDir(filepath.Dir(name))
}

func writeSynced(fsys FS, name string, write func(io.Writer) error) error {
	f, err := fsys.Create(name)
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
