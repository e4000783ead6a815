package units

import (
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, never negative when it was read from text.
type Size int64

// The binary multiples of a byte.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
	TiB Size = 1 << 40
)

const wantSize = `bytes with a unit, such as "1024", "64MiB" or "1GB" (units: B, kB, MB, GB, TB, KiB, MiB, GiB, TiB)`

// sizeUnit returns the bytes of a unit in any case; the ones with an i are binary, the others decimal.
func sizeUnit(name string) (int64, bool) {
	switch strings.ToLower(name) {
	case "", "b":
		return 1, true
	case "kb":
		return 1e3, true
	case "mb":
		return 1e6, true
	case "gb":
		return 1e9, true
	case "tb":
		return 1e12, true
	case "kib":
		return int64(KiB), true
	case "mib":
		return int64(MiB), true
	case "gib":
		return int64(GiB), true
	case "tib":
		return int64(TiB), true
	}
	return 0, false
}

// ParseSize reads a size such as "1024", "64MiB", "32 MiB" or "1.5GB". Units are case-insensitive; those with an i are
// powers of 1024, the others powers of 1000. A fraction is rounded to whole bytes.
func ParseSize(s string) (Size, error) {
	number, name := splitNumber(s)
	unit, known := sizeUnit(name)
	if number == "" || !known {
		return 0, refuse("size", s, "it is no number of bytes", wantSize)
	}
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		if n > math.MaxInt64/unit {
			return 0, refuse("size", s, "it is too large", wantSize)
		}
		return Size(n * unit), nil
	}
	v, ok := parseNumber(number)
	if !ok {
		return 0, refuse("size", s, "it is no number of bytes", wantSize)
	}
	v = math.Round(v * float64(unit))
	if v >= math.MaxInt64 {
		return 0, refuse("size", s, "it is too large", wantSize)
	}
	return Size(v), nil
}

// Int64 returns the size in bytes.
func (s Size) Int64() int64 { return int64(s) }

// String prints the size exactly: in the largest binary unit that divides it ("64MiB"), else in bytes ("1234B").
// ParseSize reads it back to the same value.
func (s Size) String() string {
	if s == 0 {
		return "0"
	}
	for _, u := range []struct {
		size Size
		name string
	}{{TiB, "TiB"}, {GiB, "GiB"}, {MiB, "MiB"}, {KiB, "KiB"}} {
		if s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

// Set parses text into s; it makes *Size a command line value.
func (s *Size) Set(text string) error {
	v, err := ParseSize(text)
	if err == nil {
		*s = v
	}
	return err
}

// Type names the kind of value in the help of a command.
func (s Size) Type() string { return "SIZE" }

// MarshalText returns String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is Set.
func (s *Size) UnmarshalText(text []byte) error { return s.Set(string(text)) }
