package processor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"tandem/store/fsx"
)

const (
	partSuffix   = ".jsonl.zst"
	openSuffix   = ".open"
	maxPartBytes = 64 << 20
	maxPartAge   = time.Minute
)

// line is a result as a part holds it.
type line struct {
	Key        string          `json:"key"`
	Task       string          `json:"task"`
	Version    int             `json:"version"`
	Digest     string          `json:"digest"`
	Result     json.RawMessage `json:"result,omitempty"`
	Quarantine *failure        `json:"quarantine,omitempty"`
}

// place is where a key's result is.
type place struct {
	part *part
	off  int64
	bad  bool // quarantined
}

// part is one file of results; sealed ones are opened when they are read.
type part struct {
	path string
	file fsx.File
}

// parts are the results of this and all earlier runs over one dataset. Safe for
// concurrent use.
type parts struct {
	fs     fsx.FS
	dir    string
	limit  int // results of a part
	now    func() time.Time
	log    *slog.Logger
	enc    *zstd.Encoder
	dec    *zstd.Decoder
	onSeal func() error // makes durable what results refer to; called before a part is sealed

	mu    sync.Mutex
	index map[Key]place // guards this and everything below
	next  int
	open  *part
	size  int64
	count int
	born  time.Time
	all   []*part
}

// openParts reads what is there: sealed parts by their heads; of an open one,
// which a crash left, the whole results are kept and sealed.
func openParts(cfg *Config, dir string) (*parts, error) {
	p := &parts{fs: cfg.FS, dir: dir, limit: cfg.PartResults, now: cfg.Now, log: cfg.Logger, index: make(map[Key]place), next: 1, onSeal: func() error { return nil }}
	if err := p.fs.MkdirAll(dir); err != nil {
		return nil, fmt.Errorf("make folder of parts: %w", err)
	}
	var err error
	if p.enc, p.dec, err = newCodec(); err != nil {
		return nil, fmt.Errorf("open parts: %w", err)
	}
	list, err := p.fs.ReadDir(dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("list parts: %w", err), p.close())
	}
	for _, e := range list {
		if err := p.load(e); err != nil {
			return nil, errors.Join(err, p.close())
		}
	}
	return p, nil
}

// load takes one file of the folder in.
func (p *parts) load(e fs.DirEntry) error {
	name, torn := strings.CutSuffix(e.Name(), openSuffix)
	number, ok := strings.CutSuffix(name, partSuffix)
	n, err := strconv.Atoi(number)
	if !ok || err != nil || !e.Type().IsRegular() {
		return nil // not ours
	}
	p.next = max(p.next, n+1)
	path := filepath.Join(p.dir, name)
	if torn {
		kept, err := p.mend(path)
		if err != nil || !kept {
			return err
		}
	}
	f, err := p.fs.Open(path)
	if err != nil {
		return fmt.Errorf("open part: %w", err)
	}
	pt := &part{path: path, file: f}
	p.all = append(p.all, pt)
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("open part: %w", err)
	}
	if end, err := walkPart(f, info.Size(), false, func(off int64, h head) { p.index[h.key] = place{pt, off, h.kind == kindQuarantine} }); err != nil {
		p.log.Warn("part is damaged: what it lost is computed again", "part", path, "offset", end, "err", err)
	}
	return nil
}

// mend seals the open part that a crash left, cut to its whole results. It
// reports false when nothing is left of it.
func (p *parts) mend(path string) (bool, error) {
	f, err := p.fs.OpenReadWrite(path + openSuffix)
	if err != nil {
		return false, fmt.Errorf("mend part: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return false, errors.Join(fmt.Errorf("mend part: %w", err), f.Close())
	}
	end, torn := walkPart(f, info.Size(), true, func(int64, head) {})
	if torn != nil {
		p.log.Info("cut the torn end off a part", "part", path, "bytes", info.Size()-end)
		err = f.Truncate(end)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return false, fmt.Errorf("mend part: %w", err)
	}
	if end == 0 {
		return false, p.fs.Remove(path + openSuffix)
	}
	if err := p.fs.Rename(path+openSuffix, path); err != nil {
		return false, fmt.Errorf("mend part: %w", err)
	}
	return true, p.fs.SyncDir(p.dir)
}

// find returns where a key's result is.
func (p *parts) find(k Key) (place, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.index[k]
	return at, ok
}

// add appends the outcome of a job. An error is final: the disk is full or
// broken, and the next start cuts what it left.
func (p *parts) add(j job, o outcome) error {
	l := line{Key: j.Key.String(), Task: j.Task, Version: versionOf(j.Task), Digest: j.Digest.String(), Result: o.Facts, Quarantine: o.Failed}
	kind := byte(kindResult)
	if o.Failed != nil {
		kind, l.Result, o.Fingerprint = kindQuarantine, nil, nil
	}
	b, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encode result: %w", err)
	}
	record := appendRecord(nil, kind, j.Key, o.Fingerprint, p.enc.EncodeAll(append(b, '\n'), nil))
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.openLocked(); err != nil {
		return err
	}
	if _, err := p.open.file.Write(record); err != nil {
		_ = p.open.file.Truncate(p.size) // the first error matters
		return fmt.Errorf("write result: %w", err)
	}
	p.index[j.Key] = place{p.open, p.size, kind == kindQuarantine}
	p.size += int64(len(record))
	p.count++
	if p.count >= p.limit || p.size >= maxPartBytes || p.now().Sub(p.born) >= maxPartAge {
		return p.sealLocked()
	}
	return nil
}

func (p *parts) openLocked() error {
	if p.open != nil {
		return nil
	}
	path := filepath.Join(p.dir, fmt.Sprintf("%06d%s", p.next, partSuffix))
	f, err := p.fs.Create(path + openSuffix)
	if err != nil {
		return fmt.Errorf("begin part: %w", err)
	}
	p.next++
	p.open = &part{path: path, file: f}
	p.size, p.count, p.born = 0, 0, p.now()
	return nil
}

// seal makes everything added so far durable.
func (p *parts) seal() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sealLocked()
}

func (p *parts) sealLocked() error {
	if p.open == nil {
		return nil
	}
	pt := p.open
	p.open = nil
	p.all = append(p.all, pt)
	if err := errors.Join(p.onSeal(), pt.file.Sync()); err != nil {
		return fmt.Errorf("seal part: %w", err)
	}
	if err := p.fs.Rename(pt.path+openSuffix, pt.path); err != nil {
		return fmt.Errorf("seal part: %w", err)
	}
	if err := p.fs.SyncDir(p.dir); err != nil {
		return fmt.Errorf("seal part: %w", err)
	}
	return nil
}

// read returns the line at a place.
func (p *parts) read(at place) (*line, error) {
	_, _, frame, err := readRecord(at.part.file, at.off)
	if err != nil {
		return nil, fmt.Errorf("read part %q: %w", at.part.path, err)
	}
	b, err := p.dec.DecodeAll(frame, nil)
	if err != nil {
		return nil, fmt.Errorf("read part %q at %d: %w", at.part.path, at.off, err)
	}
	l := new(line)
	if err := json.Unmarshal(b, l); err != nil {
		return nil, fmt.Errorf("read part %q at %d: %w", at.part.path, at.off, err)
	}
	return l, nil
}

// fingerprint returns what near duplicates of a result are found by.
func (p *parts) fingerprint(at place) ([]byte, error) {
	b, err := readPrint(at.part.file, at.off)
	if err != nil {
		return nil, fmt.Errorf("read part %q: %w", at.part.path, err)
	}
	return b, nil
}

// close gives every file back. What was not sealed is mended at the next start.
func (p *parts) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	if p.open != nil {
		p.all = append(p.all, p.open)
		p.open = nil
	}
	for _, pt := range p.all {
		if err := pt.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			errs = append(errs, err)
		}
	}
	p.all = nil
	p.dec.Close()
	return errors.Join(errs...)
}
