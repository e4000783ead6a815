package store

import (
	"encoding/hex"
	"fmt"
	"time"

	"tandem/store/warc"
)

// Sync makes everything durable that was appended before the call. Appends go on meanwhile. After an error the Writer is broken.
func (w *Writer) Sync() error {
	w.syncing.Lock()
	defer w.syncing.Unlock()
	return w.sync()
}

// sync wants w.syncing.
func (w *Writer) sync() error {
	w.mu.Lock()
	err := w.usable()
	s := w.open
	var size int64
	if s != nil {
		size = s.size
	}
	w.mu.Unlock()
	if err != nil || s == nil || s.synced == size {
		return err
	}
	if err := s.file.Sync(); err != nil {
		return w.fail(fmt.Errorf("sync segment %q: %w", s.name, err))
	}
	s.synced = size
	return nil
}

// SealIfDue seals the open segment if it is full or old enough. Append looks too; calling this about once a second seals an idle
// crawl's last pages. After an error the Writer is broken.
func (w *Writer) SealIfDue() error { return w.seal(w.due) }

// Seal seals the open segment, if it has records. After an error the Writer is broken.
func (w *Writer) Seal() error { return w.seal(func() bool { return true }) }

// due wants w.mu.
func (w *Writer) due() bool {
	s := w.open
	if s == nil || len(s.entries) == 0 {
		return false
	}
	return s.size >= w.cfg.SegmentBytes || w.cfg.Now().Sub(s.born) >= w.age()
}

// age is how old the open segment may get: the first ones of a run are sealed early, so that stage two can begin.
func (w *Writer) age() time.Duration {
	age := w.cfg.MinAge
	for range w.inRun {
		if age >= w.cfg.MaxAge/2 {
			return w.cfg.MaxAge
		}
		age *= 2
	}
	return min(age, w.cfg.MaxAge)
}

// seal takes the open segment away from Append, if wanted says so, and finishes it. The bulk is synced before and the rest is done after
// w.mu is held, so Appends hardly wait.
func (w *Writer) seal(wanted func() bool) error {
	w.syncing.Lock()
	defer w.syncing.Unlock()
	w.mu.Lock()
	err := w.usable()
	now := err == nil && w.open != nil && len(w.open.entries) > 0 && wanted()
	w.mu.Unlock()
	if !now {
		return err
	}
	if err := w.sync(); err != nil {
		return err
	}
	w.mu.Lock()
	s := w.open
	err = s.cutTorn()
	if err == nil {
		w.open = nil
	}
	w.mu.Unlock()
	if err == nil {
		err = w.closeSegment(s)
	}
	if err == nil {
		err = w.finish(s)
	}
	if err != nil {
		return w.fail(fmt.Errorf("seal segment %q: %w", s.name, err))
	}
	return nil
}

// closeSegment syncs and closes a segment that nobody appends to any more.
func (w *Writer) closeSegment(s *segment) error {
	err := s.file.Sync()
	if cerr := s.file.Close(); err == nil {
		err = cerr
	}
	return err
}

// finish turns a closed segment into a sealed one: name, index, manifest line, each durable before the next.
func (w *Writer) finish(s *segment) error {
	if err := w.cfg.FS.Rename(w.path(s.name+OpenSuffix), w.path(s.name)); err != nil {
		return err
	}
	if err := w.cfg.FS.SyncDir(w.cfg.Dir); err != nil {
		return err
	}
	w.failpoint("after-rename")
	return w.list(s)
}

// list writes the index and the manifest line of a segment that has its final name.
func (w *Writer) list(s *segment) error {
	if err := writeIndex(w.cfg.FS, w.cfg.Dir, s.name, s.entries); err != nil {
		return err
	}
	w.failpoint("before-manifest")
	line := Segment{
		V: segmentVersion, Run: s.run, Segment: s.name, Records: s.records, Captures: len(s.entries), Bytes: s.size,
		SHA256: hex.EncodeToString(s.hash.Sum(nil)),
		First:  warc.FormatDate(s.dates.first), Last: warc.FormatDate(s.dates.last),
	}
	if err := appendManifest(w.cfg.FS, w.cfg.Dir, line); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sealed = append(w.sealed, line)
	if s.run == w.cfg.Run {
		w.inRun++
	}
	return nil
}

// Close seals what is open; a segment without records is removed. A Writer that is broken only closes its file and says again what broke
// it. Closing twice is no error.
func (w *Writer) Close() error {
	if w.isClosed() {
		return nil
	}
	err := w.Seal()
	w.syncing.Lock()
	defer w.syncing.Unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	s := w.open
	if s == nil {
		return err
	}
	w.open = nil
	cerr := s.file.Close()
	if err == nil {
		err = cerr
	}
	if err == nil && len(s.entries) == 0 {
		err = w.cfg.FS.Remove(w.path(s.name + OpenSuffix))
	}
	if err != nil {
		return fmt.Errorf("close segment %q: %w", s.name, err)
	}
	return nil
}

func (w *Writer) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.closed
}
