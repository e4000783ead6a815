package frontier

import (
	"errors"
	"fmt"
	"log/slog"

	"tandem/internal/units"
	"tandem/store/fsx"
)

// Config says where a frontier lives and how polite it is.
type Config struct {
	// Dir is the folder of the store, made if it is missing. Required.
	Dir string
	// FS is the file system to write through. Defaults to fsx.OS().
	FS fsx.FS
	// HostRate is how often a host is asked; a host is a name and port. Defaults to 0, no limit.
	HostRate units.Rate
	// HostConcurrency is how many items of one host may be in flight. Defaults to 4.
	HostConcurrency int
	// AddressRate is how often the hosts of one address are asked together; see Frontier.SetAddress. Defaults to 0, no limit.
	AddressRate units.Rate
	// AddressConcurrency is how many items of the hosts of one address may be in flight together. Defaults to 0, no limit.
	AddressConcurrency int
	// HostPages is how many outcomes of one host may be pages (Outcome.Page) in a run; what is pending beyond is left out, and counted
	// as Counts.Spent. Requisites are not bounded. Defaults to 0, no limit.
	HostPages int64
	// SeenInRAM is how many known URLs are held in memory, at 21 to 32 bytes each; the rest costs a filter, a read and 30 bytes of disk.
	// Defaults to 33,554,432.
	SeenInRAM int
	// Cache is the memory for blocks of Pebble's tables. It is taken as it is used. Defaults to 64 MiB.
	Cache units.Size
	// MemTable is the size of Pebble's write buffer, of which two are the most; their logs take three times as much disk. Defaults to 16 MiB.
	MemTable units.Size
	// MaxOpenFiles is how many table files stay open. Defaults to an eighth of RLIMIT_NOFILE, at least 8 and at most 500.
	MaxOpenFiles int
	// Logger receives Pebble's complaints. Defaults to none.
	Logger *slog.Logger
	// Failpoint is called by tests at named places: "after-batch" in Done. Nil in production.
	Failpoint func(name string)
}

// DefaultConfig is the configuration for dir with every default filled in.
func DefaultConfig(dir string) Config {
	c := Config{Dir: dir}
	c.setDefaults()
	return c
}

// Validate reports every field that makes no sense. Zero fields stand for their defaults.
func (c *Config) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("frontier folder is not set"))
	}
	if c.HostRate < 0 {
		errs = append(errs, fmt.Errorf("host rate %v is negative", float64(c.HostRate)))
	}
	if c.AddressRate < 0 {
		errs = append(errs, fmt.Errorf("address rate %v is negative", float64(c.AddressRate)))
	}
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"host concurrency", int64(c.HostConcurrency)}, {"address concurrency", int64(c.AddressConcurrency)}, {"host pages", c.HostPages},
		{"seen in memory", int64(c.SeenInRAM)}, {"cache", c.Cache.Int64()},
		{"memtable", c.MemTable.Int64()}, {"open files", int64(c.MaxOpenFiles)},
	} {
		if n.value < 0 {
			errs = append(errs, fmt.Errorf("%s %d is negative", n.name, n.value))
		}
	}
	return errors.Join(errs...)
}

func (c *Config) setDefaults() {
	if c.FS == nil {
		c.FS = fsx.OS()
	}
	if c.HostConcurrency == 0 {
		c.HostConcurrency = 4
	}
	if c.SeenInRAM == 0 {
		c.SeenInRAM = 32 << 20
	}
	if c.Cache == 0 {
		c.Cache = 64 << 20
	}
	if c.MemTable == 0 {
		c.MemTable = 16 << 20
	}
	if c.MaxOpenFiles == 0 {
		c.MaxOpenFiles = tableFiles(openFileLimit())
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Failpoint == nil {
		c.Failpoint = func(string) {}
	}
}

// politeness is the scheduler's part of the configuration.
func (c *Config) politeness() politeness {
	return politeness{
		rate: c.HostRate.PerSecond(), concurrency: c.HostConcurrency,
		addressRate: c.AddressRate.PerSecond(), addressConcurrency: c.AddressConcurrency, pages: c.HostPages,
	}
}
