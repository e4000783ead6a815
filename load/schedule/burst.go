package schedule

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"tandem/internal/units"
)

const wantBurst = `a number of sends and an interval, such as "100@1s"`

// Burst is bursts as a flag or a key of a job file gives them: Size sends at once, each Every. The zero Burst is none.
type Burst struct {
	Size  int64
	Every time.Duration
}

// ParseBursts reads bursts such as "100@1s", the interval as in units.ParseDuration. What Bursts refuses is refused.
func ParseBursts(text string) (Burst, error) {
	size, every, ok := strings.Cut(text, "@")
	if !ok {
		return Burst{}, fmt.Errorf("bursts %s: want %s", quoted(text), wantBurst)
	}
	size = strings.TrimSpace(size)
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || n < 1 || size[0] == '+' {
		return Burst{}, fmt.Errorf("bursts %s: %s is no number of sends, 1 to %d; want %s", quoted(text), quoted(size), int64(math.MaxInt64), wantBurst)
	}
	d, err := units.ParseDuration(every)
	if err != nil {
		return Burst{}, fmt.Errorf("bursts %s: %w", quoted(text), err)
	}
	if err := checkBurst(n, d.D()); err != nil {
		return Burst{}, err
	}
	return Burst{n, d.D()}, nil
}

// Schedule plans the bursts, as Bursts does.
func (b Burst) Schedule(length time.Duration) Schedule { return Bursts(b.Size, b.Every, length) }

// String prints the bursts as ParseBursts reads them: "100@1s"; it is empty for the zero Burst.
func (b Burst) String() string {
	if b == (Burst{}) {
		return ""
	}
	return strconv.FormatInt(b.Size, 10) + "@" + units.Duration(b.Every).String()
}

// Set parses text into b; it makes *Burst a command line value.
func (b *Burst) Set(text string) error {
	v, err := ParseBursts(text)
	if err == nil {
		*b = v
	}
	return err
}

// Type names the kind of value in the help of a command.
func (b Burst) Type() string { return "BURSTS" }

// MarshalText returns String.
func (b Burst) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText is Set, but for the empty text, which is what MarshalText makes of the zero Burst.
func (b *Burst) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*b = Burst{}
		return nil
	}
	return b.Set(string(text))
}
