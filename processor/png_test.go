package processor

import (
	"encoding/binary"
	"hash/crc32"
)

// fixPNG corrects the checksum of a PNG's first chunk after a change.
func fixPNG(b []byte) []byte {
	n := int(binary.BigEndian.Uint32(b[8:]))
	binary.BigEndian.PutUint32(b[16+n:], crc32.ChecksumIEEE(b[12:16+n]))
	return b
}
