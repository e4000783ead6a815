package frontier

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"

	"tandem/crawler/weburl"
	"tandem/store/fsx"
)

// View is a frontier as it was when the view was opened, for looking only: it takes no lock, so that a crawl may start meanwhile, and
// writes nothing. What it was not able to read before such a crawl took it away is an error. Safe for concurrent use. Make it
// with [OpenView].
type View struct {
	d    *Durable // its queues are empty, and its seen-set until the first State
	load func() error
}

// OpenView opens the frontier in the folder dir for looking. It must not be open elsewhere: what is seen of a frontier at
// work may contradict itself. It costs what reading Pebble's log does; the first State reads all URLs, three million a second and core.
func OpenView(base fsx.FS, dir string) (*View, error) {
	cfg := DefaultConfig(filepath.Clean(dir))
	cfg.FS = base
	d := &Durable{cfg: cfg, sched: newScheduler(politeness{concurrency: 1}), seen: newSeenSet(cfg.SeenInRAM)}
	d.disk = &failStop{base: base, fail: d.fail}
	var err error
	if d.db, d.release, err = openStore(&d.cfg, d.disk, true); err != nil {
		return nil, fmt.Errorf("look into frontier %q: %w", d.cfg.Dir, err)
	}
	err = d.checkFormat()
	if err == nil {
		err = d.loadOrigins()
	}
	if err != nil {
		return nil, fmt.Errorf("look into frontier %q: %w", d.cfg.Dir, errors.Join(err, d.shut()))
	}
	return &View{d, sync.OnceValue(d.loadSeen)}, nil
}

// State is [Frontier.State].
func (v *View) State(u weburl.URL) (info Info, ok bool, err error) {
	if err := v.load(); err != nil {
		return Info{}, false, v.d.wrap("look up url", err)
	}
	return v.d.State(u)
}

// Meta is [Frontier.Meta].
func (v *View) Meta(key string) (string, error) { return v.d.Meta(key) }

// Close closes the view.
func (v *View) Close() error { return v.d.Close() }

// lookFS lets Pebble read, and neither lock nor change anything.
type lookFS struct{ *failStop }

var errLook = errors.New("this frontier is only looked at")

func (lookFS) Create(string, vfs.DiskWriteCategory) (vfs.File, error) { return nil, errLook }
func (lookFS) Link(string, string) error                              { return errLook }
func (lookFS) OpenReadWrite(string, vfs.DiskWriteCategory, ...vfs.OpenOption) (vfs.File, error) {
	return nil, errLook
}
func (lookFS) Remove(string) error                { return errLook }
func (lookFS) RemoveAll(string) error             { return errLook }
func (lookFS) Rename(string, string) error        { return errLook }
func (lookFS) MkdirAll(string, os.FileMode) error { return errLook }
func (lookFS) Lock(string) (io.Closer, error)     { return io.NopCloser(nil), nil }
func (lookFS) ReuseForWrite(string, string, vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, errLook
}
