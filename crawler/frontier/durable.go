package frontier

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"tandem/crawler/weburl"
	"tandem/internal/units"
)

// Durable is the [Frontier] of one machine. Make it with [Open].
type Durable struct {
	cfg     Config
	db      *pebble.DB
	disk    *failStop
	release func() // Pebble's caches
	sched   *scheduler
	epoch   atomic.Uint64 // number of the run; changed while holding writing

	// writing is held by whoever decides what is new and writes it. No other lock is held while waiting for it.
	writing sync.Mutex
	nextID  uint32 // guarded by writing, like those below
	// recent has the ids of the batch being built that memory has no room for.
	recent      map[weburl.Key]uint32
	indexedFrom *uint32 // the first id in the store's index; nil if that is empty
	valueBuf    []byte

	origins origins
	hot     *hotLinks

	seenMu sync.RWMutex // guards seen; taken while holding writing
	seen   *seenSet

	life   sync.Mutex // guards the three below
	closed bool
	failed error
	calls  sync.WaitGroup // under way
}

var _ Frontier = (*Durable)(nil)

// Open opens the frontier in cfg.Dir, or starts an empty one there, and reads all it knows. A folder that another process uses is an
// error that wraps fsx.ErrLocked and names the holder.
func Open(cfg Config) (*Durable, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	cfg.Dir = filepath.Clean(cfg.Dir)
	d := &Durable{
		cfg:    cfg,
		sched:  newScheduler(cfg.politeness()),
		seen:   newSeenSet(cfg.SeenInRAM),
		hot:    newHotLinks(),
		recent: make(map[weburl.Key]uint32),
	}
	d.disk = &failStop{base: cfg.FS, fail: d.fail}
	if err := d.open(); err != nil {
		return nil, fmt.Errorf("open frontier %q: %w", cfg.Dir, err)
	}
	return d, nil
}

func (d *Durable) open() error {
	var err error
	if d.db, d.release, err = openStore(&d.cfg, d.disk, false); err != nil {
		return errors.Join(err, d.failure())
	}
	if err = d.checkFormat(); err == nil {
		err = d.load(true)
	}
	if cause := d.failure(); cause != nil && !errors.Is(err, cause) {
		err = errors.Join(cause, err) // what Pebble says of a disk that failed is an echo
	}
	if err != nil {
		return errors.Join(err, d.shut())
	}
	return nil
}

// checkFormat marks a new store, and refuses one that another version wrote.
func (d *Durable) checkFormat() error {
	have, err := d.get(metaKey(metaFormat))
	switch {
	case err != nil:
		return err
	case have == nil:
		return d.db.Set(metaKey(metaFormat), []byte(format), pebble.Sync)
	case string(have) != format:
		return fmt.Errorf("store has format %q, this program knows %q", have, format)
	}
	epoch, err := d.get(metaKey(metaEpoch))
	if err != nil || epoch == nil {
		return err
	}
	run, err := strconv.ParseUint(string(epoch), 10, 64)
	d.epoch.Store(run)
	return err
}

// enter lets a call in; leave must follow. It refuses after Close and after a failure.
func (d *Durable) enter() error {
	d.life.Lock()
	defer d.life.Unlock()
	if d.closed {
		return ErrClosed
	}
	if d.failed != nil {
		return d.failed
	}
	d.calls.Add(1)
	return nil
}

func (d *Durable) leave() { d.calls.Done() }

// fail stops the frontier for good. It may be called by Pebble, with Pebble's locks held: it calls nothing there.
func (d *Durable) fail(err error) {
	d.life.Lock()
	if d.failed == nil {
		d.failed = fmt.Errorf("%w: %w", ErrStopped, err)
	}
	err = d.failed
	d.life.Unlock()
	d.sched.halt(err)
}

func (d *Durable) failure() error {
	d.life.Lock()
	defer d.life.Unlock()
	return d.failed
}

// commit applies a batch without waiting for the disk. writing is held. An error means that the frontier has stopped.
func (d *Durable) commit(b *pebble.Batch) error {
	if err := d.failure(); err != nil {
		return err
	}
	if err := d.db.Apply(b, pebble.NoSync); err != nil {
		d.fail(err)
	}
	if err := d.failure(); err != nil {
		return err
	}
	clear(d.recent)
	return b.Close()
}

// wrap says what was being done, and lets the cause of a stop speak for itself.
func (d *Durable) wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if stopped := d.failure(); stopped != nil {
		err = stopped
	}
	return fmt.Errorf("%s in frontier %q: %w", what, d.cfg.Dir, err)
}

// get reads one value; nil if there is none.
func (d *Durable) get(key []byte) ([]byte, error) {
	value, closer, err := d.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	value = append(make([]byte, 0, len(value)), value...)
	return value, closer.Close()
}

// record reads the link by which a URL became known; nil if there is none.
func (d *Durable) record(id uint32) (*record, error) {
	value, closer, err := d.db.Get(idKey(urlSpace, id))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r, err := decodeRecord(value)
	return r, errors.Join(err, closer.Close())
}

// result reads how a URL ended; nil if it never has.
func (d *Durable) result(id uint32) (*result, error) {
	value, err := d.get(idKey(resultSpace, id))
	if err != nil || value == nil {
		return nil, err
	}
	return decodeResult(value)
}

// link gives a record's link back, but for the page that it was found on where that has an id.
func (d *Durable) link(rec *record) (Link, error) {
	origin, ok := d.origins.text(rec.origin)
	if !ok {
		return Link{}, errDamaged
	}
	return rec.link(origin)
}

// Via implements [Frontier].
func (d *Durable) Via(item Item) (string, error) {
	if item.via == 0 {
		return item.Link.Via, nil
	}
	if err := d.enter(); err != nil {
		return "", d.wrap("look up page", err)
	}
	defer d.leave()
	via, err := d.urlText(item.via - 1)
	return via, d.wrap("look up page", err)
}

// urlText is the URL with an id.
func (d *Durable) urlText(id uint32) (string, error) {
	value, closer, err := d.db.Get(idKey(urlSpace, id))
	if err != nil {
		return "", err
	}
	defer closer.Close()
	r, path, err := decodeHead(value)
	if err != nil {
		return "", err
	}
	origin, ok := d.origins.text(r.origin)
	if !ok {
		return "", errDamaged
	}
	return origin + string(path), nil
}

// Sync implements [Frontier].
func (d *Durable) Sync() error {
	if err := d.enter(); err != nil {
		return d.wrap("sync", err)
	}
	defer d.leave()
	if err := d.db.LogData(nil, pebble.Sync); err != nil {
		d.fail(err)
	}
	return d.wrap("sync", d.failure())
}

// Close implements [Frontier]. Closing twice returns ErrClosed.
func (d *Durable) Close() error {
	d.life.Lock()
	if d.closed {
		d.life.Unlock()
		return ErrClosed
	}
	d.closed = true
	d.life.Unlock()
	d.sched.halt(ErrClosed)
	d.calls.Wait()
	d.sched.stop()
	if err := errors.Join(d.shut(), d.failure()); err != nil {
		return fmt.Errorf("close frontier %q: %w", d.cfg.Dir, err)
	}
	return nil
}

// shut closes the store. What it says after a failure is an echo of that.
func (d *Durable) shut() error {
	err := d.db.Close()
	d.release()
	if d.failure() != nil {
		return nil
	}
	return err
}

// Drain implements [Frontier].
func (d *Durable) Drain() { d.sched.halt(ErrDrained) }

// SetHostRate implements [Frontier].
func (d *Durable) SetHostRate(host string, r units.Rate) { d.sched.setRate(host, r.PerSecond()) }

// Pause implements [Frontier].
func (d *Durable) Pause(host string, until time.Time) { d.sched.pause(host, until) }

// SetGap implements [Frontier].
func (d *Durable) SetGap(host string, gap time.Duration) { d.sched.setGap(host, gap) }

// SetAddress implements [Frontier].
func (d *Durable) SetAddress(host, addr string) { d.sched.setAddress(host, addr) }

// Waits implements [Frontier].
func (d *Durable) Waits() map[string]time.Duration { return d.sched.waits() }

// Next implements [Frontier].
func (d *Durable) Next(ctx context.Context) (Item, error) {
	f, err := d.sched.next(ctx)
	if err != nil {
		return Item{}, err
	}
	if err := d.enter(); err != nil {
		return Item{}, err
	}
	defer d.leave()
	item, err := d.item(f)
	if err != nil {
		d.fail(err)
		return Item{}, d.wrap("read url", err)
	}
	return item, nil
}

// item reads what belongs to a job that was handed out.
func (d *Durable) item(f *flight) (Item, error) {
	rec, err := d.record(f.id)
	if err != nil {
		return Item{}, err
	}
	if rec == nil {
		return Item{}, errDamaged
	}
	link, err := d.link(rec)
	if err != nil {
		return Item{}, err
	}
	item := Item{Link: link, Attempt: int(f.attempt), Placed: f.addr != nil, id: f.id + 1, via: rec.viaID}
	epoch := d.epoch.Load()
	if epoch == 0 { // the first run: nothing that is pending has a result
		return item, nil
	}
	was, err := d.result(f.id)
	if err != nil {
		return Item{}, err
	}
	d.sched.attach(f, was)
	item.Prior = was.priorIn(epoch).of(link.URL.String())
	return item, nil
}
