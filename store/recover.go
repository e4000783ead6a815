package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"strings"

	"tandem/store/fsx"
)

// Recovery is what [OpenWriter] found after a crash and did about it. After a clean end all of it is zero.
type Recovery struct {
	// OpenSegment is the segment that was being written, as "000007.warc.gz", or "".
	OpenSegment string
	// OpenPath is where its file is now.
	OpenPath string
	// Cut is how many bytes of it were whole and are kept; LostBytes came after and are gone.
	Cut, LostBytes int64
	// Entries are its records.
	Entries []Entry
	// Rebuilt is how many sealed segments got their index or manifest line now.
	Rebuilt int
	// TornLines is how many manifest lines were cut off and written again.
	TornLines int
}

// OpenWriter opens the archive folder for appending and repairs what a crash left: the torn tail of the open segment is cut to whole
// groups of records, half-done seals are finished, leftovers are removed. The open segment is written on if it belongs to cfg.Run and is packed
// as cfg says; any other is sealed. Nothing runs in the background; the caller ends with Close.
func OpenWriter(cfg WriterConfig) (*Writer, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	w := &Writer{cfg: cfg.withDefaults(), next: 1}
	w.encoders.cfg = cfg.encoder()
	if err := w.recover(); err != nil {
		if w.open != nil {
			_ = w.open.file.Close()
		}
		return nil, fmt.Errorf("open archive %q: %w", cfg.Dir, err)
	}
	return w, nil
}

func (w *Writer) recover() error {
	if err := w.cfg.FS.MkdirAll(w.cfg.Dir); err != nil {
		return err
	}
	if err := w.recoverManifest(); err != nil {
		return err
	}
	files, err := w.cfg.FS.ReadDir(w.cfg.Dir)
	if err != nil {
		return err
	}
	present := make(map[string]bool, len(files))
	for _, f := range files {
		present[f.Name()] = true
		if n, ok := segmentNumber(strings.TrimSuffix(f.Name(), OpenSuffix)); ok {
			w.next = max(w.next, n+1)
		}
	}
	if err := w.removeLeftovers(files, present); err != nil {
		return err
	}
	if err := w.recoverSealed(files, present); err != nil {
		return err
	}
	return w.recoverOpen(files)
}

// recoverManifest reads the manifest, cuts a torn last line and makes the file if there is none.
func (w *Writer) recoverManifest() error {
	path := w.path(ManifestFile)
	segments, whole, err := readManifest(w.cfg.FS, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f, err := w.cfg.FS.OpenAppend(path)
		if err != nil {
			return err
		}
		return errors.Join(f.Close(), w.cfg.FS.SyncDir(w.cfg.Dir))
	case errors.Is(err, ErrTornLine):
		if err := w.cfg.FS.Truncate(path, whole); err != nil {
			return fmt.Errorf("cut torn line of manifest: %w", err)
		}
		w.recovered.TornLines++
	case err != nil:
		return err
	}
	w.sealed = segments
	for _, s := range segments {
		if n, ok := segmentNumber(s.Segment); ok {
			w.next = max(w.next, n+1)
		}
		if s.Run == w.cfg.Run {
			w.inRun++
		}
	}
	return nil
}

// removeLeftovers deletes temporary files and indexes without a segment.
func (w *Writer) removeLeftovers(files []fs.DirEntry, present map[string]bool) error {
	sealed := make(map[string]bool, len(present))
	for name := range present {
		if _, ours := segmentNumber(name); ours {
			sealed[indexName(name)] = true
		}
	}
	for _, f := range files {
		name := f.Name()
		orphan := isIndexName(name) && !sealed[name]
		if !orphan && !strings.HasSuffix(name, fsx.TempSuffix) {
			continue
		}
		if err := w.cfg.FS.Remove(w.path(name)); err != nil {
			return err
		}
	}
	return nil
}

// recoverSealed writes the missing indexes and manifest lines of segments that have their final name.
func (w *Writer) recoverSealed(files []fs.DirEntry, present map[string]bool) error {
	listed := make(map[string]bool, len(w.sealed))
	indexed := make(map[string]string, len(w.sealed))
	for _, s := range w.sealed {
		listed[s.Segment] = true
		indexed[indexName(s.Segment)] = s.Segment
	}
	for _, f := range files {
		name := f.Name()
		if _, ok := segmentNumber(name); !ok || listed[name] && present[indexName(name)] {
			continue
		}
		if other := indexed[indexName(name)]; other != "" && other != name {
			continue // somebody has unpacked or packed a listed segment beside it
		}
		found, err := scanSegment(w.cfg.FS, w.path(name), name, false)
		if err != nil {
			return err
		}
		if listed[name] {
			err = writeIndex(w.cfg.FS, w.cfg.Dir, name, found.entries)
		} else {
			err = w.listFound(name, found)
		}
		if err != nil {
			return fmt.Errorf("rebuild segment %q: %w", name, err)
		}
		w.recovered.Rebuilt++
	}
	return nil
}

func (w *Writer) listFound(name string, found *scan) error {
	h, err := w.hashFile(w.path(name), found.size)
	if err != nil {
		return err
	}
	return w.list(&segment{name: name, run: found.run, size: found.size, hash: h, records: found.records, entries: found.entries, dates: found.dates})
}

// recoverOpen cuts open segments to whole groups. The last one is written on if this run began it; all others are sealed.
func (w *Writer) recoverOpen(files []fs.DirEntry) error {
	var names []string
	for _, f := range files {
		name, ok := strings.CutSuffix(f.Name(), OpenSuffix)
		if _, ours := segmentNumber(name); ok && ours {
			names = append(names, name)
		}
	}
	for i, name := range names {
		if err := w.reopen(name, i == len(names)-1); err != nil {
			return fmt.Errorf("recover segment %q: %w", name, err)
		}
	}
	return nil
}

func (w *Writer) reopen(name string, last bool) error {
	path := w.path(name + OpenSuffix)
	found, err := scanSegment(w.cfg.FS, path, name, true)
	if err != nil {
		return err
	}
	if last {
		w.recovered.OpenSegment, w.recovered.OpenPath = name, path
		w.recovered.Cut, w.recovered.Entries = found.cut, found.entries
	}
	w.recovered.LostBytes += found.size - found.cut
	if len(found.entries) == 0 {
		return errors.Join(w.cfg.FS.Remove(path), w.cfg.FS.SyncDir(w.cfg.Dir))
	}
	if found.size > found.cut {
		if err := w.cfg.FS.Truncate(path, found.cut); err != nil {
			return err
		}
	}
	s := &segment{name: name, run: found.run, size: found.cut, records: found.records, entries: found.entries, dates: found.dates, born: w.cfg.Now()}
	if s.hash, err = w.hashFile(path, found.cut); err != nil {
		return err
	}
	if s.file, err = w.cfg.FS.OpenAppend(path); err != nil {
		return err
	}
	if last && s.run == w.cfg.Run && strings.HasSuffix(name, w.cfg.Compress.Suffix()) {
		w.open = s // what the scan saw may never have reached the disk: synced stays 0
		return nil
	}
	if last {
		w.recovered.OpenPath = w.path(name)
	}
	if err := w.closeSegment(s); err != nil {
		return err
	}
	return w.finish(s)
}

// hashFile starts the running hash of a segment with its first size bytes.
func (w *Writer) hashFile(path string, size int64) (hash.Hash, error) {
	f, err := w.cfg.FS.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	if n, err := io.Copy(h, io.LimitReader(f, size)); err != nil || n < size {
		return nil, errors.Join(err, fmt.Errorf("hash %q: %d of %d bytes", path, n, size))
	}
	return h, nil
}
