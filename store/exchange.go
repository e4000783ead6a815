package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"tandem/store/warc"
)

// Exchange is one request and its response, as it goes into the archive. The Writer does not keep or change it.
type Exchange struct {
	URL  string // canonical, absolute
	SURT string // the URL's sort key in indexes; see weburl.URL.SURT
	IP   string // address that answered; left out when it is none
	Date time.Time

	Request  []byte // header as sent, to its empty line; may be empty
	Response []byte // status line, header and body as received, transfer coding and all; may be cut
	HeadLen  int    // bytes of Response up to and with the empty line; 0 means that Append looks for it

	Status        int    // 0 means that Append reads it from the status line
	Mime          string // media type only, lower case; "" when unknown
	PayloadDigest string // warc.Digest of the body, de-chunked, not content-decoded; "" means that Append computes it
	PayloadLen    int64  // bytes of that body
	Truncated     string // "", "length", "time" or "disconnect": why Response is cut

	Revisit *Revisit // not nil: write a revisit record, with the head of Response alone
	Meta    Meta
}

// Meta is what the crawler knows about a page beside its bytes. It is written as the metadata record and into the index.
type Meta struct {
	Via       string            `json:"via,omitempty"` // the page that linked here
	Depth     int               `json:"depth"`         // links from a seed
	Requisite bool              `json:"requisite,omitempty"`
	NoIndex   bool              `json:"noindex,omitempty"` // it asks not to be listed (X-Robots-Tag, <meta name="robots">)
	Alt       string            `json:"alt,omitempty"`     // of an image; cut at 8 KiB
	Columns   map[string]string `json:"columns,omitempty"` // of the list that the URL came from
}

// Revisit says which stored payload a response repeats.
type Revisit struct {
	Profile        string // IdenticalPayload or ServerNotModified
	RefersToURI    string
	RefersToDate   time.Time
	RefersToID     string // record id
	Segment        string // where the payload is
	Offset, Length int64
}

// Position is where a response or revisit record is: the bytes of its gzip member, Zstandard frame or text in a segment.
type Position struct {
	Segment        string // file name of the sealed segment, as "000001.warc.gz", also while it is still open
	Offset, Length int64
	RecordID       string
}

// The profiles of a [Revisit] (WARC 1.1, section 6.7).
const (
	IdenticalPayload  = warc.ProfileIdenticalDigest
	ServerNotModified = warc.ProfileNotModified
)

const (
	maxAlt      = 8 << 10
	maxMeta     = 1 << 20
	maxResponse = 1 << 30 // what Append takes and ReadResponse gives back
)

// metaBlock is the block of the metadata record: Meta, and what an index line needs that no WARC header has.
type metaBlock struct {
	SURT string `json:"surt"`
	Meta
	Refers *refersTo `json:"refers_to,omitempty"`
}

type refersTo struct {
	Segment string `json:"segment"`
	Offset  int64  `json:"offset"`
	Length  int64  `json:"length"`
}

// prepared is an exchange that has been checked: nothing in it can break a header or an index line.
type prepared struct {
	entry    Entry
	head     []byte // HTTP head of the response
	block    []byte // of the response or revisit record
	stored   bool
	metadata []byte
}

func prepare(x *Exchange) (*prepared, error) {
	headLen, err := checkHead(x)
	if err != nil {
		return nil, err
	}
	p := &prepared{head: x.Response[:headLen], block: x.Response}
	url := cleanURL(x.URL)
	if url == "" {
		return nil, fmt.Errorf("%w: it has no URL", ErrExchange)
	}
	p.entry = Entry{
		SURT: cleanURL(x.SURT), Timestamp: Timestamp(x.Date), Fetched: x.Date.UTC().Truncate(time.Millisecond), URL: url, Mime: cleanMime(x.Mime), Status: x.Status,
		RecordID: warc.NewID(), Digest: x.PayloadDigest, Type: warc.TypeResponse, Truncated: cleanTruncated(x.Truncated), IP: cleanIP(x.IP),
		Meta: cleanMeta(x.Meta),
	}
	if x.Revisit != nil {
		p.entry.Type = warc.TypeRevisit
		p.entry.RefSegment, p.entry.RefOffset, p.entry.RefLength = x.Revisit.Segment, x.Revisit.Offset, x.Revisit.Length
		p.block = p.head
	}
	if err := p.readHead(x, headLen); err != nil {
		return nil, err
	}
	p.stored = isCompressed(p.entry.Mime, p.head)
	p.metadata, err = encodeMeta(&p.entry)
	return p, err
}

// checkHead makes sure that the response has a whole head and the request is one: strict readers take nothing less.
func checkHead(x *Exchange) (int, error) {
	if len(x.Response) > maxResponse {
		return 0, fmt.Errorf("%w: the response has %d bytes, %d at most", ErrExchange, len(x.Response), maxResponse)
	}
	headLen := x.HeadLen
	if headLen == 0 {
		headLen = headLength(x.Response)
	}
	if headLen < minHead || headLen > len(x.Response) || x.Response[headLen-1] != '\n' || !bytes.HasPrefix(x.Response, httpMark) {
		return 0, fmt.Errorf("%w: the response has no whole HTTP head", ErrExchange)
	}
	if len(x.Request) > 0 && (len(x.Request) < minHead || headLength(x.Request) == 0) {
		return 0, fmt.Errorf("%w: the request has no whole HTTP head", ErrExchange)
	}
	return headLen, nil
}

// readHead fills in what the caller left to Append.
func (p *prepared) readHead(x *Exchange, headLen int) error {
	if x.Status == 0 {
		p.entry.Status = parseStatus(p.head)
	}
	if p.entry.Digest == "" && x.Revisit == nil {
		r, err := ParseResponse(x.Response)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrExchange, err)
		}
		p.entry.Digest = warc.Digest(r.Body)
	}
	if warc.CheckField(warc.Field{Name: "WARC-Payload-Digest", Value: p.entry.Digest}) != nil {
		return fmt.Errorf("%w: payload digest %.80q", ErrExchange, p.entry.Digest)
	}
	return nil
}

func encodeMeta(e *Entry) ([]byte, error) {
	block := metaBlock{SURT: e.SURT, Meta: e.Meta}
	if e.Type == warc.TypeRevisit {
		if e.RefSegment != "" && !isBaseName(e.RefSegment) {
			return nil, fmt.Errorf("%w: it refers to segment %.80q", ErrExchange, e.RefSegment)
		}
		block.Refers = &refersTo{e.RefSegment, e.RefOffset, e.RefLength}
	}
	b, err := json.Marshal(block)
	if err == nil && len(b) > maxMeta {
		err = fmt.Errorf("metadata of %d bytes, %d at most", len(b), maxMeta)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrExchange, err)
	}
	return b, nil
}

// cleanURL escapes what has no place in a URL and could end a header line or an index field.
func cleanURL(s string) string {
	clean := true
	for i := range len(s) {
		clean = clean && s[i] > ' ' && s[i] != 0x7f
	}
	if clean {
		return strings.ToValidUTF8(s, "%EF%BF%BD")
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(s[i])
	}
	return strings.ToValidUTF8(b.String(), "%EF%BF%BD")
}

func cleanMime(s string) string {
	kind, sub, ok := strings.Cut(s, "/")
	if !ok || !isToken(kind) || !isToken(sub) || len(s) > 128 {
		return ""
	}
	return strings.ToLower(s)
}

func isToken(s string) bool {
	return s != "" && warc.CheckField(warc.Field{Name: s}) == nil
}

func cleanTruncated(s string) string {
	switch s {
	case "", "length", "time", "disconnect":
		return s
	}
	return "unspecified"
}

func cleanIP(s string) string {
	a, err := netip.ParseAddr(s)
	if err != nil {
		return ""
	}
	return a.Unmap().WithZone("").String()
}

func cleanMeta(m Meta) Meta {
	m.Via = cleanURL(m.Via)
	if len(m.Alt) > maxAlt {
		m.Alt = m.Alt[:maxAlt]
	}
	m.Alt = strings.ToValidUTF8(m.Alt, "") // half a letter at the cut goes too
	return m
}

// isCompressed reports whether trying to compress a body again would only cost time.
func isCompressed(mime string, head []byte) bool {
	kind, sub, _ := strings.Cut(mime, "/")
	switch {
	case kind == "video", kind == "audio":
		return true
	case kind == "image":
		return sub != "svg+xml" && sub != "bmp" && sub != "x-ms-bmp" && sub != "tiff" && sub != "x-icon" && sub != "vnd.microsoft.icon"
	case kind == "font":
		return sub == "woff" || sub == "woff2"
	case strings.HasSuffix(sub, "zip"), strings.HasSuffix(sub, "zstd"), sub == "x-xz", sub == "x-bzip2":
		return true
	}
	switch strings.ToLower(headerValue(head, "Content-Encoding")) {
	case "", "identity":
		return false
	}
	return true
}
