package store

import (
	"bufio"
	"bytes"
	"container/heap"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"

	"tandem/store/fsx"
)

// mergeWidth is how many indexes are open at once. More are merged in passes.
const mergeWidth = 64

// MergeIndex merges the indexes of all sealed segments into index.cdxj, bytewise sorted, by rename. It works after Close too.
func (w *Writer) MergeIndex() error {
	w.syncing.Lock()
	defer w.syncing.Unlock()
	var names []string
	for _, s := range w.Segments() {
		if _, err := w.cfg.FS.Stat(filepath.Join(w.cfg.Dir, s.Segment)); err == nil {
			names = append(names, filepath.Join(w.cfg.Dir, indexName(s.Segment)))
		}
	}
	target := filepath.Join(w.cfg.Dir, IndexFile)
	var parts []string
	err := func() error {
		for len(names) > mergeWidth {
			part := fmt.Sprintf("%s.%d%s", target, len(parts), fsx.TempSuffix)
			parts = append(parts, part)
			if err := mergeFiles(w.cfg.FS, part, names[:mergeWidth], nil); err != nil {
				return err
			}
			names = append(names[mergeWidth:], part)
		}
		return mergeFiles(w.cfg.FS, target, names, func() { w.failpoint("during-merge") })
	}()
	for _, part := range parts {
		if rerr := w.cfg.FS.Remove(part); rerr != nil && err == nil {
			err = rerr
		}
	}
	if err != nil {
		return fmt.Errorf("merge indexes: %w", err)
	}
	return nil
}

func mergeFiles(fsys fsx.FS, target string, names []string, before func()) (err error) {
	var h sources
	defer func() {
		for _, s := range h {
			s.stop()
			err = errors.Join(err, s.file.Close())
		}
	}()
	for _, name := range names {
		f, err := fsys.Open(name)
		if err != nil {
			return err
		}
		next, stop := iter.Pull2(lines(f))
		h = append(h, &mergeSource{file: f, next: next, stop: stop})
	}
	return fsx.ReplaceBefore(fsys, target, func(w io.Writer) error { return mergeLines(w, append(sources(nil), h...)) }, before)
}

// mergeLines writes the lines of all sources in order.
func mergeLines(w io.Writer, h sources) error {
	out := bufio.NewWriterSize(w, 256<<10)
	open := h[:0]
	for _, s := range h {
		more, err := s.advance()
		if err != nil {
			return err
		}
		if more {
			open = append(open, s)
		}
	}
	heap.Init(&open)
	for len(open) > 0 {
		s := open[0]
		if _, err := out.Write(append(s.line, '\n')); err != nil {
			return err
		}
		more, err := s.advance()
		switch {
		case err != nil:
			return err
		case more:
			heap.Fix(&open, 0)
		default:
			heap.Pop(&open)
		}
	}
	return out.Flush()
}

// mergeSource is one sorted index with its next line.
type mergeSource struct {
	file fsx.File
	next func() ([]byte, error, bool)
	stop func()
	line []byte
}

func (s *mergeSource) advance() (more bool, err error) {
	l, err, more := s.next()
	s.line = append(s.line[:0], l...)
	if err != nil {
		return false, fmt.Errorf("read %q: %w", s.file.Name(), err)
	}
	return more, nil
}

// sources is a heap by next line.
type sources []*mergeSource

func (h sources) Len() int           { return len(h) }
func (h sources) Less(i, j int) bool { return bytes.Compare(h[i].line, h[j].line) < 0 }
func (h sources) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *sources) Push(x any)        { *h = append(*h, x.(*mergeSource)) }
func (h *sources) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
