package processor

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"tandem/pipeline"
	"tandem/store"
	"tandem/store/warc"
)

// inputs are the inputs of a run, by kind.
type inputs struct {
	archives []string // run directories
	others   []string // WARC files, folders, files
}

const (
	archiveDir = "archive"
	datasetDir = "dataset"
	crawlFile  = "crawl.json"
	crawlLock  = "lock"
)

// sortInputs looks at every input. A missing one is ErrInput.
func sortInputs(paths []string, follow bool) (inputs, error) {
	var in inputs
	var errs []error
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil && follow && errors.Is(err, fs.ErrNotExist):
			in.archives = append(in.archives, filepath.Clean(path))
		case err != nil:
			errs = append(errs, fmt.Errorf("%w: %w", ErrInput, err))
		case info.IsDir() && (follow || isRunDir(path)):
			in.archives = append(in.archives, filepath.Clean(path))
		case info.IsDir() || info.Mode().IsRegular():
			in.others = append(in.others, filepath.Clean(path))
		default:
			errs = append(errs, fmt.Errorf("%w: %q is neither a folder nor a file", ErrInput, path))
		}
	}
	if follow && len(in.others) > 0 {
		errs = append(errs, fmt.Errorf("%w: follow takes run directories, and %q is none", ErrInput, in.others[0]))
	}
	return in, errors.Join(errs...)
}

// isRunDir reports a run directory: it has a manifest, or a crawl that has not
// sealed anything yet left its summary.
func isRunDir(path string) bool {
	_, sealed := os.Stat(filepath.Join(path, archiveDir, store.ManifestFile))
	_, archive := os.Stat(filepath.Join(path, archiveDir))
	_, crawl := os.Stat(filepath.Join(path, crawlFile))
	return sealed == nil || archive == nil && crawl == nil
}

func isWARC(name string) bool {
	_, _, ok := warc.CutSuffix(strings.ToLower(name))
	return ok
}

// segment takes the records of a sealed segment, by its index; a segment whose
// index is missing is read itself.
func (l *lister) segment(ctx context.Context, dir, name string) error {
	for e, err := range store.ReadIndex(l.p.cfg.FS, dir, name) {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			l.p.cfg.Logger.Warn("segment has no index: it is read as a whole", "segment", name)
			return l.warc(ctx, filepath.Join(dir, name))
		case err != nil:
			l.damage(err, filepath.Join(dir, name))
			continue
		}
		if err := l.stopped(ctx); err != nil {
			return err
		}
		if err := l.record(ctx, dir, e); err != nil {
			return err
		}
	}
	return nil
}

// stopped tells whether listing is to end.
func (l *lister) stopped(ctx context.Context) error {
	if l.p.cfg.Drain.IsSet() {
		return errDrained
	}
	return ctx.Err()
}

// other takes a WARC file, a folder or a file.
func (l *lister) other(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInput, err)
	}
	if !info.IsDir() {
		return l.one(ctx, path)
	}
	for file, err := range files(path, filepath.Join(l.p.dir, datasetDir)) {
		if err != nil {
			l.unreadable(err)
			continue
		}
		if err := l.one(ctx, file); err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) one(ctx context.Context, path string) error {
	if err := l.stopped(ctx); err != nil {
		return err
	}
	if isWARC(path) {
		return l.warc(ctx, path)
	}
	return l.file(ctx, path)
}

// unreadable counts what the file system does not let us read.
func (l *lister) unreadable(err error) {
	l.p.tally.skip(skipUnreadable, 1)
	l.p.cfg.Logger.Warn("input cannot be read: the rest is processed", "err", err)
}

// files walks a folder in lexical order. Dot files and symbolic links are left
// out, and so is the dataset when it lies inside.
func files(root, dataset string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		root += string(filepath.Separator) // a root that is a link itself is meant
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				if !yield("", err) {
					return filepath.SkipAll
				}
				return nil
			case path != root && strings.HasPrefix(d.Name(), "."), d.IsDir() && sameFile(path, dataset):
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			case d.Type().IsRegular() && !yield(path, nil):
				return filepath.SkipAll
			}
			return nil
		})
	}
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// warc takes the records of a WARC file by reading it.
func (l *lister) warc(ctx context.Context, path string) error {
	var revisits []store.Entry // may come before what they repeat
	for e, err := range store.ScanFile(path) {
		if err != nil {
			l.damage(err, path)
			continue
		}
		if err := l.stopped(ctx); err != nil {
			return err
		}
		if e.Type == "revisit" && e.RefSegment == "" {
			revisits = append(revisits, e)
			continue
		}
		if err := l.record(ctx, filepath.Dir(path), e); err != nil {
			return err
		}
	}
	for _, e := range revisits {
		if err := l.record(ctx, filepath.Dir(path), e); err != nil {
			return err
		}
	}
	return nil
}

// file takes a document or an image.
func (l *lister) file(ctx context.Context, path string) error {
	digest, size, head, err := hashFile(path)
	if err != nil {
		l.unreadable(err)
		return nil
	}
	media := typeOfFile(path, head)
	task, why := taskFor(media)
	if task == "" {
		if why == "" {
			why = skipType
		}
		l.p.tally.skip(why, 1)
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		l.unreadable(err)
		return nil
	}
	r := row{id: filepath.ToSlash(path), isPath: true, task: task, digest: digest, media: l.intern(media), fetched: when(info.ModTime())}
	return l.take(ctx, r, job{File: true, Ref: pipeline.Ref{Path: path, Len: size}})
}

// hashFile reads a whole file once: its digest, size and first bytes.
func hashFile(path string) (d Digest, size int64, head []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return d, 0, nil, err
	}
	defer f.Close()
	h := sha256.New()
	first, err := io.ReadAll(io.TeeReader(io.LimitReader(f, sniffLen), h))
	if err != nil {
		return d, 0, nil, fmt.Errorf("read %q: %w", path, err)
	}
	rest, err := io.Copy(h, f)
	if err != nil {
		return d, 0, nil, fmt.Errorf("read %q: %w", path, err)
	}
	return Digest(h.Sum(nil)), int64(len(first)) + rest, first, nil
}
