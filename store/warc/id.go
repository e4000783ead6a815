package warc

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
)

const digestPrefix = "sha256:"

// NewID returns a record id: urn:uuid: and a random UUID (RFC 9562, version 4).
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: documented since Go 1.24
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	out := make([]byte, 0, len("urn:uuid:")+36)
	out = append(out, "urn:uuid:"...)
	for i, n := range [...]int{4, 2, 2, 2, 6} {
		if i > 0 {
			out = append(out, '-')
		}
		out = hex.AppendEncode(out, b[:n])
		copy(b[:], b[n:])
	}
	return string(out)
}

// Digest returns the digest of b as it is written everywhere in an archive: "sha256:" and lower-case hex.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return FormatDigest(sum[:])
}

// FormatDigest returns a finished SHA-256 sum in the form of [Digest].
func FormatDigest(sum []byte) string {
	out := make([]byte, 0, len(digestPrefix)+2*sha256.Size)
	return string(hex.AppendEncode(append(out, digestPrefix...), sum))
}
