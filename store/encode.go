package store

import (
	"bytes"
	"encoding/json"
	"sync"
	"time"

	"tandem/store/warc"
)

// maxPooled is the largest buffer that is kept for the next Append. Larger ones are made to measure and given up.
const maxPooled = 4 << 20

// encoders are reused by concurrent Appends: a compressor is up to 1 MB.
type encoders struct {
	level int
	pool  sync.Pool
}

// encoding is an encoder and the bytes of one group.
type encoding struct {
	encoder *warc.Encoder
	buffer  bytes.Buffer
	records int // in buffer, once group has returned
}

func (p *encoders) get() (*encoding, error) {
	if e, ok := p.pool.Get().(*encoding); ok {
		e.buffer.Reset()
		return e, nil
	}
	encoder, err := warc.NewEncoder(warc.EncoderConfig{Level: p.level})
	return &encoding{encoder: encoder}, err
}

func (p *encoders) put(e *encoding) {
	if e.buffer.Cap() > maxPooled {
		e.buffer = bytes.Buffer{}
	}
	p.pool.Put(e)
}

// room makes the empty buffer large enough for n bytes of records, if they are many: growing by doubling would hold three copies of a
// large response for a moment.
func (e *encoding) room(n int) {
	if n > maxPooled {
		e.buffer = *bytes.NewBuffer(make([]byte, 0, n+n/1000+64<<10)) // deflate adds 5 bytes to 64 KiB at worst
	}
}

// group encodes the records of one exchange: response or revisit, request, metadata. The metadata record comes last and so marks the
// group as whole. It returns the bytes of the first member.
func (e *encoding) group(x *Exchange, p *prepared) (int64, error) {
	main := p.mainRecord(x)
	e.room(len(p.block) + len(x.Request) + len(p.metadata))
	n, err := e.encoder.Encode(&e.buffer, main)
	if err != nil {
		return 0, err
	}
	e.records = 2
	if len(x.Request) > 0 {
		e.records++
		if _, err := e.encoder.Encode(&e.buffer, p.partRecord(warc.TypeRequest, warc.ContentHTTPRequest, x.Request)); err != nil {
			return 0, err
		}
	}
	_, err = e.encoder.Encode(&e.buffer, p.partRecord(warc.TypeMetadata, warc.ContentJSON, p.metadata))
	return int64(n), err
}

func (p *prepared) mainRecord(x *Exchange) *warc.Record {
	e := &p.entry
	h := warc.NewHeader(e.Type, e.RecordID, e.Fetched)
	h.Add("WARC-Target-URI", e.URL)
	h.AddNonempty("WARC-IP-Address", e.IP)
	h.Add("Content-Type", warc.ContentHTTPResponse)
	h.AddNonempty("WARC-Identified-Payload-Type", e.Mime)
	h.AddNonempty("WARC-Payload-Digest", e.Digest)
	h.Add("WARC-Block-Digest", warc.Digest(p.block))
	h.AddNonempty("WARC-Truncated", e.Truncated)
	if v := x.Revisit; v != nil {
		h.Add("WARC-Profile", v.Profile)
		if v.RefersToID != "" {
			h.Add("WARC-Refers-To", "<"+v.RefersToID+">")
		}
		h.AddNonempty("WARC-Refers-To-Target-URI", cleanURL(v.RefersToURI))
		if !v.RefersToDate.IsZero() {
			h.Add("WARC-Refers-To-Date", warc.FormatDate(v.RefersToDate))
		}
	}
	return &warc.Record{Header: h, Block: p.block, Stored: p.stored}
}

// partRecord makes a record that belongs to the main one.
func (p *prepared) partRecord(kind, contentType string, block []byte) *warc.Record {
	h := warc.NewHeader(kind, warc.NewID(), p.entry.Fetched)
	h.Add("WARC-Target-URI", p.entry.URL)
	h.AddNonempty("WARC-IP-Address", p.entry.IP)
	h.Add("WARC-Concurrent-To", "<"+p.entry.RecordID+">")
	h.Add("Content-Type", contentType)
	h.Add("WARC-Block-Digest", warc.Digest(block))
	return &warc.Record{Header: h, Block: block}
}

const fieldRun = "run"

// warcinfo is the record that every segment begins with. The job goes in as one JSON string: fields cannot hold lines.
func (c *WriterConfig) warcinfo(segment string, now time.Time) *warc.Record {
	fields := []warc.Field{
		{Name: "software", Value: c.Software},
		{Name: "format", Value: "WARC File Format 1.1"},
		{Name: "conformsTo", Value: "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"},
		{Name: fieldRun, Value: c.Run},
	}
	if len(c.JobYAML) > 0 {
		job, err := json.Marshal(string(c.JobYAML))
		if err == nil { // strings always encode
			fields = append(fields, warc.Field{Name: "job", Value: string(job)})
		}
	}
	block := warc.AppendFields(nil, fields)
	h := warc.NewHeader(warc.TypeWarcinfo, warc.NewID(), now)
	h.Add("WARC-Filename", segment)
	h.Add("Content-Type", warc.ContentFields)
	h.Add("WARC-Block-Digest", warc.Digest(block))
	return &warc.Record{Header: h, Block: block}
}
