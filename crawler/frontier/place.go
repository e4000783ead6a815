package frontier

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"time"
)

// A place is where a payload lies, and what the server said to identify it:
//
//	flags(1) segment offset length
//	if placeUUID: record id as 16 bytes, for "urn:uuid:…"; if placeID: as text
//	if placeSHA:  digest as 32 bytes, for "sha256:…"; if placeDigest: as text
//	if placeETag, placeModified: text
//	if placeDate: nanoseconds since 1970, UTC (signed)
type place struct {
	segment        string
	offset, length int64
	recordID       string
	digest         string
	etag, modified string
	date           time.Time
}

const (
	placeUUID = 1 << iota
	placeID
	placeSHA
	placeDigest
	placeETag
	placeModified
	placeDate
)

const (
	uuidPrefix = "urn:uuid:"
	shaPrefix  = "sha256:"
)

func placeOf(o *Outcome) place {
	return place{
		segment: o.Segment, offset: o.Offset, length: o.Length, recordID: o.RecordID,
		digest: o.Digest, etag: o.ETag, modified: o.LastModified, date: o.Date.Round(0).UTC(),
	}
}

// of is the place as callers know it, of the record of url; nil of nil.
func (p *place) of(url string) *Prior {
	if p == nil {
		return nil
	}
	return &Prior{
		URL: url, ETag: p.etag, LastModified: p.modified, Digest: p.digest, Segment: p.segment,
		Offset: p.offset, Length: p.length, RecordID: p.recordID, Date: p.date,
	}
}

func (p *place) encode(b []byte) []byte {
	at := len(b)
	b = append(b, 0)
	var flags byte
	b = appendText(b, p.segment)
	b = binary.AppendUvarint(b, uint64(p.offset))
	b = binary.AppendUvarint(b, uint64(p.length))
	if packed, ok := appendUUID(b, p.recordID); ok {
		b, flags = packed, flags|placeUUID
	} else if p.recordID != "" {
		b, flags = appendText(b, p.recordID), flags|placeID
	}
	if packed, ok := appendSHA(b, p.digest); ok {
		b, flags = packed, flags|placeSHA
	} else if p.digest != "" {
		b, flags = appendText(b, p.digest), flags|placeDigest
	}
	if p.etag != "" {
		b, flags = appendText(b, p.etag), flags|placeETag
	}
	if p.modified != "" {
		b, flags = appendText(b, p.modified), flags|placeModified
	}
	if !p.date.IsZero() {
		b, flags = binary.AppendVarint(b, p.date.UnixNano()), flags|placeDate
	}
	b[at] = flags
	return b
}

func (d *reader) place() place {
	flags := d.byte()
	p := place{segment: d.text()}
	p.offset, p.length = int64(d.uvarint(1<<63-1)), int64(d.uvarint(1<<63-1))
	switch {
	case flags&placeUUID != 0:
		p.recordID = uuidText(d.take(16))
	case flags&placeID != 0:
		p.recordID = d.text()
	}
	switch {
	case flags&placeSHA != 0:
		p.digest = shaPrefix + hex.EncodeToString(d.take(32))
	case flags&placeDigest != 0:
		p.digest = d.text()
	}
	if flags&placeETag != 0 {
		p.etag = d.text()
	}
	if flags&placeModified != 0 {
		p.modified = d.text()
	}
	if flags&placeDate != 0 {
		p.date = time.Unix(0, d.varint()).UTC()
	}
	return p
}

// appendUUID appends the bytes of a record id in its usual form, lower case; ok is false for any other text.
func appendUUID(b []byte, id string) (_ []byte, ok bool) {
	text, ok := strings.CutPrefix(id, uuidPrefix)
	if !ok || len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return b, false
	}
	packed, ok := appendHex(b, text[:8]+text[9:13]+text[14:18]+text[19:23]+text[24:])
	return packed, ok
}

func uuidText(u []byte) string {
	if len(u) != 16 {
		return ""
	}
	h := hex.EncodeToString(u)
	return uuidPrefix + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// appendSHA appends the bytes of a digest in its usual form; ok is false for any other text.
func appendSHA(b []byte, digest string) (_ []byte, ok bool) {
	text, ok := strings.CutPrefix(digest, shaPrefix)
	if !ok || len(text) != 64 {
		return b, false
	}
	return appendHex(b, text)
}

// appendHex appends what lower-case hex stands for.
func appendHex(b []byte, text string) (_ []byte, ok bool) {
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return b, false
		}
	}
	out, err := hex.AppendDecode(b, []byte(text))
	return out, err == nil
}
