package frontier

import (
	"fmt"
	"log/slog"
	"math"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
)

// openStore opens Pebble with little memory, only to look if look says so. The caller gives back cache and files after closing
// the store.
func openStore(cfg *Config, disk *failStop, look bool) (db *pebble.DB, release func(), err error) {
	// Pebble books its write buffers against the cache: without their share there would be no room for blocks.
	cache := pebble.NewCache(cfg.Cache.Int64() + 2*cfg.MemTable.Int64())
	files := pebble.NewFileCache(1, cfg.MaxOpenFiles) // Options.MaxOpenFiles cannot go below 64
	release = func() {
		files.Unref()
		cache.Unref()
	}
	opt := &pebble.Options{
		FS:                 disk,
		Cache:              cache,
		FileCache:          files,
		MaxOpenFiles:       cfg.MaxOpenFiles,
		FormatMajorVersion: pebble.FormatNewest,
		Logger:             pebbleLog{log: cfg.Logger, fatal: disk.freeze},
		MemTableSize:       uint64(cfg.MemTable),
		// Writers wait when flushing falls two buffers behind, never for a compaction. Pebble keeps one log more than that to write over.
		MemTableStopWritesThreshold: 2,
		L0CompactionThreshold:       8,
		L0StopWritesThreshold:       1000,
		BytesPerSync:                math.MaxInt32, // each would be a full sync: the descriptor is hidden
		EventListener: &pebble.EventListener{
			DataCorruption: func(i pebble.DataCorruptionInfo) { disk.freeze(fmt.Errorf("read store: %s", i)) },
		},
	}
	// Many tables in the uppermost level, and a large level below: what is written from front to back is then rarely written again.
	opt.LBaseMaxBytes = 1 << 30
	opt.TargetFileSizes[0] = min(max(cfg.MemTable.Int64(), 1<<20), 8<<20) // few files: few descriptors
	if look {
		opt.FS, opt.ReadOnly = lookFS{disk}, true
	}
	db, err = pebble.Open(cfg.Dir, opt)
	if err != nil {
		release()
		return nil, nil, err
	}
	return db, release, nil
}

// pebbleLog keeps Pebble from exiting: what it holds fatal stops the frontier.
type pebbleLog struct {
	log   *slog.Logger
	fatal func(error)
}

func (pebbleLog) Infof(string, ...any) {}

func (l pebbleLog) Errorf(format string, args ...any) {
	l.log.Warn("frontier store", "err", fmt.Sprintf(format, args...))
}

func (l pebbleLog) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	l.log.Error("frontier store", "err", err)
	l.fatal(err)
}

// openFileLimit is how many files the process may have open.
func openFileLimit() uint64 {
	var lim syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &lim); err != nil {
		return 256
	}
	return uint64(lim.Cur)
}

// tableFiles is the share of Pebble's tables: connections and segments need the rest. A compaction holds a few more for its while.
func tableFiles(limit uint64) int { return int(min(max(limit/8, 8), 500)) }
