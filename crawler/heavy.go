package crawler

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"tandem/internal/transport"
	"tandem/store"
)

// heavyBody is the size in bytes of a body, unpacked, from which on it is dealt
// with alone.
const heavyBody = 1 << 20

// heavy is held by who deals with a large body: unpacking it and finding its
// links takes several times its size, which one of them may take at a time. The
// transport bounds the bodies themselves.
type heavy struct{ mu sync.Mutex }

// readable returns a response as the linker and the itemizer read it, with the
// digest of its payload. It waits while another large one is dealt with; done
// lets the next one go on. A chunked one is read without its framing, which it
// gets back from Reframe; msg is not to be used then.
func (h *heavy) readable(resp *transport.Response) (msg *store.Response, digest string, done func()) {
	msg = message(resp)
	if !resp.Framed() && len(msg.Body) <= heavyBody {
		digest = payloadDigest(msg.Body)
		if unpacked(msg) {
			return msg, digest, func() {}
		}
		h.mu.Lock()
		return msg, digest, h.mu.Unlock
	}
	h.mu.Lock()
	resp.Unframe()
	msg.Body = resp.Body
	return msg, payloadDigest(msg.Body), h.mu.Unlock
}

func payloadDigest(payload []byte) string {
	sum := sha256.Sum256(payload)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// unpacked undoes the content coding of msg, once for all who read it. It is
// false, and msg as it was, for what unpacks to a large body.
func unpacked(msg *store.Response) bool {
	coded := func(f store.HeaderField) bool { return strings.EqualFold(f.Name, "Content-Encoding") }
	if !slices.ContainsFunc(msg.Header, coded) {
		return true
	}
	whole := *msg
	whole.Truncated = false // else every body that was cut would be taken for large
	body, more, err := whole.Decode(heavyBody)
	switch {
	case err != nil: // for the readers to judge
		return true
	case more && int64(len(body)) >= heavyBody:
		return false
	case more: // it breaks off: for the readers, too
		return true
	}
	msg.Header, msg.Body = slices.DeleteFunc(slices.Clone(msg.Header), coded), body
	return true
}
