package store

import (
	"errors"
	"fmt"
	"time"

	"tandem/store/fsx"
	"tandem/store/warc"
)

// WriterConfig says where and how a [Writer] writes.
type WriterConfig struct {
	Dir string // the archive folder; made if it is missing
	FS  fsx.FS // Defaults to fsx.OS().
	Run string // id of the run that appends

	SegmentBytes int64         // a segment is sealed when it has this many compressed bytes. Defaults to 64 MiB.
	MinAge       time.Duration // age at which the first segment of a run is sealed; it doubles with each segment. Defaults to 5 s.
	MaxAge       time.Duration // where the doubling ends. Defaults to 5 min.
	// Compress is how new segments are packed; those that are there stay as they are. Defaults to warc.Gzip.
	Compress warc.Compression
	Level    int // gzip level, 1 to 9. Defaults to warc.DefaultLevel.

	Software string // for the warcinfo records. Defaults to "Tandem".
	JobYAML  []byte // for the warcinfo records: the effective job. Defaults to none.

	Now func() time.Time // the clock of the age rule. Defaults to time.Now.
	// Failpoint is called at named moments, so that a test can kill the process there: "mid-member", "after-append", "after-rename",
	// "before-manifest", "during-merge". Defaults to none; with one, Append writes in two calls.
	Failpoint func(name string)
}

func (c WriterConfig) withDefaults() WriterConfig {
	if c.FS == nil {
		c.FS = fsx.OS()
	}
	if c.SegmentBytes == 0 {
		c.SegmentBytes = 64 << 20
	}
	if c.MinAge == 0 {
		c.MinAge = 5 * time.Second
	}
	if c.MaxAge == 0 {
		c.MaxAge = max(5*time.Minute, c.MinAge)
	}
	if c.Software == "" {
		c.Software = "Tandem"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c WriterConfig) encoder() warc.EncoderConfig {
	return warc.EncoderConfig{Compression: c.Compress, Level: c.Level}
}

// Validate reports every field that cannot be.
func (c WriterConfig) Validate() error {
	var errs []error
	if c.Dir == "" {
		errs = append(errs, errors.New("dir is empty"))
	}
	if c.Run == "" {
		errs = append(errs, errors.New("run is empty"))
	}
	if c.SegmentBytes < 0 {
		errs = append(errs, fmt.Errorf("segment bytes %d: want more than 0", c.SegmentBytes))
	}
	if c.MinAge < 0 || c.MaxAge < 0 || c.MaxAge > 0 && c.MinAge > c.MaxAge {
		errs = append(errs, fmt.Errorf("ages %v to %v: want 0 < min <= max", c.MinAge, c.MaxAge))
	}
	errs = append(errs, c.encoder().Validate())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("archive writer config: %w", err)
	}
	return nil
}
