package processor

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Key names a piece of work: a payload, what it is taken for, and what is to be
// computed of it. Equal keys have equal results, so each is computed once,
// however many records have it.
type Key [sha256.Size]byte

// String returns the key in lower-case hex.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// makeKey hashes the parts of a key. Each part is preceded by its length, so no
// two lists of parts look alike.
func makeKey(digest Digest, mediaType, charset, task string, version int, options []byte) Key {
	h := sha256.New()
	h.Write(digest[:])
	var n [8]byte
	for _, part := range [][]byte{[]byte(mediaType), []byte(charset), []byte(task), options} {
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	binary.BigEndian.PutUint64(n[:], uint64(version))
	h.Write(n[:])
	return Key(h.Sum(nil))
}

// Digest is the SHA-256 of a payload: of a file, or of a response after
// de-chunking and before content decoding.
type Digest [sha256.Size]byte

const digestPrefix = "sha256:"

// String returns the digest as archives write it.
func (d Digest) String() string { return digestPrefix + hex.EncodeToString(d[:]) }

// parseDigest reads what String returns. Other algorithms are not ok.
func parseDigest(s string) (d Digest, ok bool) {
	digits, ok := strings.CutPrefix(s, digestPrefix)
	if !ok || len(digits) != 2*len(d) {
		return Digest{}, false
	}
	_, err := hex.Decode(d[:], []byte(digits))
	return d, err == nil
}
