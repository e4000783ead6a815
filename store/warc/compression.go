package warc

import (
	"fmt"
	"strings"
)

// Compression says how the records of a file are packed.
type Compression string

// The compressions. Files without any are larger, but cost no time and can be read with a text editor.
const (
	Gzip Compression = "gzip" // one gzip member per record (WARC 1.1, annex D)
	Zstd Compression = "zstd" // one Zstandard frame per record ("Zstandard Compression for WARC Files 1.0", IIPC, proposed)
	None Compression = "none"
)

// compressions are all of them, longest suffix first.
var compressions = [...]struct {
	compression Compression
	suffix      string
}{{Zstd, ".warc.zst"}, {Gzip, ".warc.gz"}, {None, ".warc"}}

// Suffix returns how the names of such files end: ".warc.gz", ".warc.zst" or ".warc". The zero value stands for Gzip.
func (c Compression) Suffix() string {
	for _, k := range compressions {
		if k.compression == c.orDefault() {
			return k.suffix
		}
	}
	return ""
}

// Validate reports a compression that there is none of. The zero value stands for Gzip.
func (c Compression) Validate() error {
	if c.Suffix() == "" {
		return fmt.Errorf("compression %q: want gzip, zstd or none", string(c))
	}
	return nil
}

func (c Compression) orDefault() Compression {
	if c == "" {
		return Gzip
	}
	return c
}

// CutSuffix parts the name of a WARC file from its suffix, in lower case, and tells what the suffix says of the file. Readers do not need it:
// they look at the bytes.
func CutSuffix(name string) (stem string, c Compression, ok bool) {
	for _, k := range compressions {
		if stem, ok := strings.CutSuffix(name, k.suffix); ok {
			return stem, k.compression, true
		}
	}
	return name, "", false
}
