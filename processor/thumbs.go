package processor

import (
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"sync"

	"tandem/store/fsx"
)

const thumbsDir = "thumbnails"

// thumbs keeps thumbnails: one file per payload and size, named by the digest,
// written when it is first computed. Safe for concurrent use.
type thumbs struct {
	fs    fsx.FS
	root  string // the dataset
	sizes []int

	mu    sync.Mutex
	dirs  map[string]bool // guards this and fresh: folders that exist
	fresh []string        // files not yet synced
}

func newThumbs(fs fsx.FS, root string, sizes []int) *thumbs {
	return &thumbs{fs: fs, root: root, sizes: sizes, dirs: make(map[string]bool)}
}

// name is where the thumbnail of a payload is, below the dataset, with slashes.
func thumbName(d Digest, size int) string {
	digits := hex.EncodeToString(d[:])
	return path.Join(thumbsDir, digits[:2], fmt.Sprintf("%s-%d.jpg", digits, size))
}

// present reports whether the thumbnails of a payload are all there.
func (t *thumbs) present(d Digest) bool {
	for _, size := range t.sizes {
		info, err := t.fs.Stat(filepath.Join(t.root, filepath.FromSlash(thumbName(d, size))))
		if err != nil || info.Size() == 0 {
			return false
		}
	}
	return true
}

// write keeps the thumbnails of an outcome. They appear by rename, and become
// durable with sync.
func (t *thumbs) write(j job, o outcome) error {
	for i, jpeg := range o.Thumbnails {
		if i >= len(t.sizes) {
			return fmt.Errorf("write thumbnail: %d of them for %d sizes", len(o.Thumbnails), len(t.sizes))
		}
		if err := t.put(filepath.Join(t.root, filepath.FromSlash(thumbName(j.Digest, t.sizes[i]))), jpeg); err != nil {
			return fmt.Errorf("write thumbnail: %w", err)
		}
	}
	return nil
}

func (t *thumbs) put(name string, jpeg []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if dir := filepath.Dir(name); !t.dirs[dir] {
		if err := t.fs.MkdirAll(dir); err != nil {
			return err
		}
		t.dirs[dir] = true
	}
	f, err := t.fs.Create(name + fsx.TempSuffix)
	if err != nil {
		return err
	}
	_, err = f.Write(jpeg)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, t.fs.Remove(name+fsx.TempSuffix))
	}
	t.fresh = append(t.fresh, name)
	return t.fs.Rename(name+fsx.TempSuffix, name)
}

// sync makes the thumbnails written so far durable. It comes before the part
// that speaks of them is sealed.
func (t *thumbs) sync() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	dirs := make(map[string]bool)
	for _, name := range t.fresh {
		f, err := t.fs.Open(name)
		if err != nil {
			return fmt.Errorf("sync thumbnail: %w", err)
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return fmt.Errorf("sync thumbnail: %w", err)
		}
		dirs[filepath.Dir(name)] = true
	}
	for dir := range dirs {
		if err := t.fs.SyncDir(dir); err != nil {
			return fmt.Errorf("sync thumbnails: %w", err)
		}
	}
	t.fresh = nil
	return nil
}
