package store

import (
	"bytes"
	"encoding/json"
	"sync"
	"time"

	"tandem/store/warc"
)

// maxPooled is the largest group that Appends encode at the same time. Larger ones are encoded one after the other, in one buffer.
const maxPooled = 4 << 20

// encoders are reused by concurrent Appends: a compressor is up to 1 MB.
type encoders struct {
	level int
	pool  sync.Pool

	large sync.Mutex // held while a group of more than maxPooled is encoded and written; guards room
	room  []byte     // for such groups, as large as the largest so far, up to maxRoom
}

// maxRoom is the largest buffer that is kept.
const maxRoom = 40 << 20

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

// lend gives e a buffer for n bytes of records, if they are many: growing by doubling would hold three copies of a large response for
// a moment, and several such responses at a time as many buffers. It returns what ends the loan.
func (p *encoders) lend(e *encoding, n int) (end func()) {
	if n <= maxPooled {
		return func() {}
	}
	p.large.Lock()
	n += n/1000 + 64<<10 // deflate adds 5 bytes to 64 KiB at worst
	room := p.room
	if cap(room) < n {
		room = make([]byte, 0, n)
	}
	if cap(room) <= maxRoom {
		p.room = room
	}
	small := e.buffer
	e.buffer = *bytes.NewBuffer(room[:0])
	return func() {
		e.buffer = small
		p.large.Unlock()
	}
}

// size is what the records of an exchange take, more or less, before they are compressed.
func (p *prepared) size(x *Exchange) int { return len(p.block) + len(x.Request) + len(p.metadata) }

// group encodes the records of one exchange: response or revisit, request, metadata. The metadata record comes last and so marks the
// group as whole. It returns the bytes of the first member.
func (e *encoding) group(x *Exchange, p *prepared) (int64, error) {
	main := p.mainRecord(x)
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
