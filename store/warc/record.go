package warc

import (
	"strings"
	"time"
)

// The record types of WARC 1.1, section 6, that this project writes or looks for.
const (
	TypeWarcinfo = "warcinfo"
	TypeResponse = "response"
	TypeResource = "resource"
	TypeRequest  = "request"
	TypeMetadata = "metadata"
	TypeRevisit  = "revisit"
)

// The revisit profiles of WARC 1.1, section 6.7.
const (
	ProfileIdenticalDigest = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
	ProfileNotModified     = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
)

// Media types of blocks.
const (
	ContentHTTPResponse = "application/http;msgtype=response"
	ContentHTTPRequest  = "application/http;msgtype=request"
	ContentFields       = "application/warc-fields"
	ContentJSON         = "application/json"
)

// DateFormat is the layout of WARC-Date as this package writes it: UTC with milliseconds. Readers take any RFC 3339 date.
const DateFormat = "2006-01-02T15:04:05.000Z"

// Record is one WARC record: a header and a block. Content-Length is set by the [Encoder] and must not be in the header there.
type Record struct {
	Version string // "1.1"; what the version line said, when read
	Header  Header
	Block   []byte
	// Stored says that the block is compressed already, so that the Encoder does not try again.
	Stored bool
	// Packed says that the Encoder is to compress a small block, too: it stores them otherwise.
	Packed bool
	// Position is where the record was read.
	Position Position
}

// Position says where in a file a record is.
//
// Usually Offset and Length are bytes of the file: of the record's gzip member, or of the record in a plain file. When a gzip
// member holds several records they have no bytes of their own; then Length is negative, and Offset and -Length count bytes of the
// decompressed file. [ReadAt] takes both, but the second kind must decompress everything before the record.
type Position struct {
	Offset, Length int64
}

// Field is one header line.
type Field struct{ Name, Value string }

// Header is the ordered list of header lines. Names may repeat and compare without case.
type Header []Field

// NewHeader returns the header fields that every record has: type, record id (without angle brackets) and date.
func NewHeader(recordType, id string, date time.Time) Header {
	h := make(Header, 0, 14)
	return append(h,
		Field{"WARC-Type", recordType},
		Field{"WARC-Record-ID", "<" + id + ">"},
		Field{"WARC-Date", FormatDate(date)})
}

// FormatDate returns t as WARC-Date. Years outside 0 to 9999 have no such form; they are moved to its ends.
func FormatDate(t time.Time) string {
	t = t.UTC()
	if t.Year() > 9999 {
		t = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)
	}
	if t.Year() < 0 {
		t = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return t.Format(DateFormat)
}

// Add appends a field.
func (h *Header) Add(name, value string) { *h = append(*h, Field{name, value}) }

// AddNonempty appends a field unless its value is empty.
func (h *Header) AddNonempty(name, value string) {
	if value != "" {
		h.Add(name, value)
	}
}

// Get returns the first value of name, or "".
func (h Header) Get(name string) string {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return h[i].Value
		}
	}
	return ""
}

// ID returns the record id in the first field of that name, without angle brackets.
func (h Header) ID(name string) string { return h.URI(name) }

// URI returns the value of name without the angle brackets that WARC 1.0 writers put around it.
func (h Header) URI(name string) string {
	v := h.Get(name)
	if len(v) >= 2 && v[0] == '<' && v[len(v)-1] == '>' {
		return v[1 : len(v)-1]
	}
	return v
}

// Date returns the date in the field of that name, or the zero time when it is missing or malformed.
func (h Header) Date(name string) time.Time {
	t, err := time.Parse(time.RFC3339, h.Get(name))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// Type returns WARC-Type in lower case.
func (r *Record) Type() string { return strings.ToLower(r.Header.Get("WARC-Type")) }
