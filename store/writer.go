package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"tandem/store/fsx"
)

// Writer appends exchanges to the segments of one archive folder. Its methods are safe for concurrent use. One Writer owns the folder.
type Writer struct {
	cfg       WriterConfig
	encoders  encoders
	recovered Recovery

	syncing sync.Mutex // held by Sync, Seal, Close and MergeIndex, so that only one of them is at work; locked before mu

	mu       sync.Mutex // guards the fields below; held for the write of an Append, not for its compression
	open     *segment   // nil until something is appended
	next     int        // number of the next segment
	sealed   []Segment
	inRun    int // segments that this run has sealed: the age rule counts them
	closed   bool
	firstErr error // what broke the Writer
}

// segment is the one being written.
type segment struct {
	name    string
	run     string
	file    fsx.File
	size    int64 // bytes of whole groups; the file may be longer while torn
	synced  int64
	torn    bool // a write failed and what it left is still there
	hash    hash.Hash
	records int // whole ones, warcinfo and all
	entries []Entry
	dates   span
	born    time.Time
}

// Append writes the records of x, with one write call unless they are large, and returns where its response (or revisit) record is. The record is durable after
// the next Sync. A segment that is full or old enough is sealed; when that fails Append has succeeded all the same and the next call of
// any method tells. [ErrExchange] means that x makes no record: nothing has happened. After any other error the archive holds
// nothing of x.
func (w *Writer) Append(x *Exchange) (Position, error) {
	if x.Date.IsZero() {
		dated := *x
		dated.Date = w.cfg.Now()
		x = &dated
	}
	p, err := prepare(x)
	if err != nil {
		return Position{}, fmt.Errorf("append %.200q: %w", x.URL, err)
	}
	e, err := w.encoders.get()
	if err != nil {
		return Position{}, err
	}
	defer w.encoders.put(e)
	p.entry.Length, err = e.encode(x, p)
	if err != nil {
		return Position{}, fmt.Errorf("append %.200q: %w: %w", x.URL, ErrExchange, err)
	}
	pos, due, err := w.put(p.entry, e.records, e.group())
	if err != nil {
		return Position{}, fmt.Errorf("append %.200q: %w", x.URL, err)
	}
	w.failpoint("after-append")
	if due {
		_ = w.SealIfDue() // the next call returns it again
	}
	return pos, nil
}

// put writes a finished group of so many records.
func (w *Writer) put(e Entry, records int, group [][]byte) (Position, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return Position{}, false, err
	}
	if w.open == nil {
		if err := w.start(); err != nil {
			return Position{}, false, err
		}
	}
	s := w.open
	e.Filename, e.Offset = s.name, s.size
	if err := w.write(s, group...); err != nil {
		return Position{}, false, err
	}
	s.records += records
	s.entries = append(s.entries, e)
	s.dates.add(e.Fetched)
	return Position{Segment: s.name, Offset: e.Offset, Length: e.Length, RecordID: e.RecordID}, w.due(), nil
}

func (w *Writer) usable() error {
	switch {
	case w.firstErr != nil:
		return fmt.Errorf("%w: %w", ErrBroken, w.firstErr)
	case w.closed:
		return ErrClosed
	}
	return nil
}

// start makes the next segment with its warcinfo record. The folder is synced, or else a Sync of the file might keep a file without a
// name.
func (w *Writer) start() error {
	s := &segment{name: segmentName(w.next, w.cfg.Compress), run: w.cfg.Run, hash: sha256.New(), born: w.cfg.Now()}
	e, err := w.encoders.get()
	if err != nil {
		return err
	}
	defer w.encoders.put(e)
	if _, err := e.encoder.Encode(&e.buffer, w.cfg.warcinfo(s.name, s.born)); err != nil {
		return fmt.Errorf("start segment %q: %w", s.name, err)
	}
	path := w.path(s.name + OpenSuffix)
	if s.file, err = w.cfg.FS.OpenAppend(path); err != nil {
		return fmt.Errorf("start segment %q: %w", s.name, err)
	}
	err = s.file.Truncate(0) // an earlier start may have failed halfway
	if err == nil {
		err = w.cfg.FS.SyncDir(w.cfg.Dir)
	}
	if err == nil {
		err = w.write(s, e.buffer.Bytes())
	}
	if err != nil {
		_ = s.file.Close()
		_ = w.cfg.FS.Remove(path) // the next start empties it otherwise
		return fmt.Errorf("start segment %q: %w", s.name, err)
	}
	s.records = 1
	w.open = s
	w.next++
	return nil
}

// write appends the pieces whole or not at all.
func (w *Writer) write(s *segment, pieces ...[]byte) error {
	if err := s.cutTorn(); err != nil {
		return err
	}
	for _, b := range pieces {
		n, err := w.writeOnce(s.file, b)
		if err == nil && n < len(b) {
			err = io.ErrShortWrite
		}
		if err != nil {
			s.torn = true
			err = fmt.Errorf("write segment %q at %d: %w", s.name, s.size, err)
			return errors.Join(err, s.cutTorn())
		}
	}
	for _, b := range pieces {
		s.size += int64(len(b))
		_, _ = s.hash.Write(b) // never fails
	}
	return nil
}

func (w *Writer) writeOnce(f fsx.File, b []byte) (int, error) {
	if w.cfg.Failpoint == nil {
		return f.Write(b)
	}
	half := len(b) / 2
	n, err := f.Write(b[:half])
	if err != nil || n < half {
		return n, err
	}
	w.cfg.Failpoint("mid-member")
	m, err := f.Write(b[half:])
	return n + m, err
}

// cutTorn takes off what a failed write left.
func (s *segment) cutTorn() error {
	if !s.torn {
		return nil
	}
	if err := s.file.Truncate(s.size); err != nil {
		return fmt.Errorf("cut torn tail of segment %q at %d: %w", s.name, s.size, err)
	}
	s.torn = false
	return nil
}

// Recovered tells what OpenWriter found and did.
func (w *Writer) Recovered() Recovery { return w.recovered }

// Segments lists the sealed segments, in the order of the manifest.
func (w *Writer) Segments() []Segment {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sealed)
}

// SealedBytes is the compressed size of the segments that this run has sealed.
func (w *Writer) SealedBytes() int64 {
	var n int64
	for _, s := range w.Segments() {
		if s.Run == w.cfg.Run {
			n += s.Bytes
		}
	}
	return n
}

func (w *Writer) path(name string) string { return filepath.Join(w.cfg.Dir, name) }

func (w *Writer) failpoint(name string) {
	if w.cfg.Failpoint != nil {
		w.cfg.Failpoint(name)
	}
}

// fail breaks the Writer: after a failed fsync or half a seal, only OpenWriter knows what is on disk.
func (w *Writer) fail(err error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.firstErr == nil {
		w.firstErr = err
	}
	return err
}
