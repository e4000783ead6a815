package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tandem/store/warc"
)

// Entry is one line of an index: a response, revisit or resource record and where it is.
type Entry struct {
	SURT      string
	Timestamp string    // YYYYMMDDhhmmss, UTC
	Fetched   time.Time // WARC-Date, UTC, in milliseconds; zero in other people's indexes
	URL       string
	Mime      string // media type of the payload, "" when unknown
	Status    int
	Digest    string // of the payload; of a response or resource of ours always warc.Digest
	Offset    int64  // of the record, as in warc.Position
	Length    int64
	Filename  string // of the segment, without a folder
	RecordID  string // "urn:uuid:…"; empty in other people's indexes
	Type      string // warc.TypeResponse, warc.TypeRevisit or warc.TypeResource
	Truncated string // why the record is cut, or ""
	IP        string
	Meta      Meta

	RefSegment           string // where the payload of a revisit is; "" when only its digest is known
	RefOffset, RefLength int64
}

const (
	timestampFormat = "20060102150405"
	revisitMime     = "warc/revisit" // what replay tools know a revisit by
)

// Timestamp returns t in the 14 digits that indexes use.
func Timestamp(t time.Time) string { return t.UTC().Format(timestampFormat) }

// Date returns when the record was made: Fetched, or the Timestamp if that is all there is, or the zero time.
func (e Entry) Date() time.Time {
	if !e.Fetched.IsZero() {
		return e.Fetched
	}
	t, err := time.Parse(timestampFormat, e.Timestamp)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Position returns where the record is.
func (e Entry) Position() warc.Position { return warc.Position{Offset: e.Offset, Length: e.Length} }

// line is the JSON of an index line. Numbers of the original CDXJ are strings there, and stay so.
type line struct {
	URL       string   `json:"url"`
	Mime      string   `json:"mime"`
	Status    text     `json:"status"`
	Digest    string   `json:"digest,omitempty"`
	Length    text     `json:"length"`
	Offset    text     `json:"offset"`
	Filename  string   `json:"filename"`
	Type      string   `json:"type,omitempty"`
	Payload   string   `json:"payload_mime,omitempty"`
	Date      string   `json:"date,omitempty"`
	ID        string   `json:"record_id,omitempty"`
	Truncated string   `json:"truncated,omitempty"`
	IP        string   `json:"ip,omitempty"`
	Refers    *lineRef `json:"refers_to,omitempty"`
	Meta
}

type lineRef struct {
	Segment string `json:"filename"`
	Offset  text   `json:"offset"`
	Length  text   `json:"length"`
}

// text is a whole number written as a JSON string and read from either.
type text int64

func (n text) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(n), 10), nil }

func (n *text) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "" || s == "-" || s == "null" {
		*n = 0
		return nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	*n = text(v)
	return err
}

// Line returns the entry as a CDXJ line without its line end: SURT, timestamp, JSON. Replay tools read it.
func (e Entry) Line() string { return string(e.appendLine(nil)) }

func (e Entry) appendLine(dst []byte) []byte {
	l := line{
		URL: e.URL, Mime: e.Mime, Status: text(e.Status), Digest: e.Digest, Length: text(e.Length), Offset: text(e.Offset),
		Filename: e.Filename, Truncated: e.Truncated, IP: e.IP, Meta: e.Meta,
	}
	l.ID = e.RecordID
	if !e.Fetched.IsZero() {
		l.Date = warc.FormatDate(e.Fetched)
	}
	switch e.Type {
	case warc.TypeRevisit:
		l.Mime, l.Payload = revisitMime, e.Mime
		if e.RefSegment != "" {
			l.Refers = &lineRef{e.RefSegment, text(e.RefOffset), text(e.RefLength)}
		}
	case warc.TypeResponse:
	default:
		l.Type = e.Type
	}
	buf := bytes.NewBuffer(dst)
	buf.WriteString(cleanURL(e.SURT))
	buf.WriteByte(' ')
	buf.WriteString(cleanURL(e.Timestamp))
	buf.WriteByte(' ')
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(l) // strings and numbers always encode
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// ParseLine reads a CDXJ line. File names with a folder are refused: an index points beside itself, never elsewhere.
func ParseLine(b []byte) (Entry, error) {
	surt, rest, ok1 := bytes.Cut(bytes.TrimRight(b, "\r\n"), []byte(" "))
	stamp, object, ok2 := bytes.Cut(rest, []byte(" "))
	if !ok1 || !ok2 {
		return Entry{}, fmt.Errorf("%w: want surt, timestamp and JSON", ErrEntry)
	}
	var l line
	if err := json.Unmarshal(object, &l); err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	e := Entry{
		SURT: string(surt), Timestamp: string(stamp), URL: l.URL, Mime: l.Mime, Status: int(l.Status), Digest: l.Digest,
		Offset: int64(l.Offset), Length: int64(l.Length), Filename: l.Filename, Type: l.Type, Truncated: l.Truncated, IP: l.IP,
		Meta: l.Meta,
	}
	e.RecordID = l.ID
	e.Fetched = warc.Header{{Name: "date", Value: l.Date}}.Date("date")
	if l.Mime == revisitMime {
		e.Type, e.Mime = warc.TypeRevisit, l.Payload
	}
	if e.Type == "" {
		e.Type = warc.TypeResponse
	}
	if l.Refers != nil {
		e.RefSegment, e.RefOffset, e.RefLength = l.Refers.Segment, int64(l.Refers.Offset), int64(l.Refers.Length)
	}
	return e, e.check()
}

func (e Entry) check() error {
	if !isBaseName(e.Filename) || e.RefSegment != "" && !isBaseName(e.RefSegment) {
		return fmt.Errorf("%w: file name %.80q or %.80q", ErrEntry, e.Filename, e.RefSegment)
	}
	if e.Offset < 0 || e.RefOffset < 0 || e.RefLength < 0 {
		return fmt.Errorf("%w: negative offset", ErrEntry)
	}
	return nil
}

func isBaseName(s string) bool {
	return s != "" && s != "." && s != ".." && len(s) <= 255 && !strings.ContainsAny(s, "/\\\x00")
}
