package store

import (
	"bytes"
	"encoding/json"
	"sync"
	"time"

	"tandem/store/warc"
)

const (
	// maxPooled is the size from which on a group is encoded in pieces, which grow no more than they must.
	maxPooled = 4 << 20
	pieceSize = 1 << 20
	maxPieces = 8 // that are kept for the next such group
)

// encoders are reused by concurrent Appends: a compressor is up to 1 MB.
type encoders struct {
	cfg  warc.EncoderConfig
	pool sync.Pool

	mu   sync.Mutex // guards free
	free [][]byte   // pieces
}

// encoding is an encoder and the bytes of one group.
type encoding struct {
	encoder *warc.Encoder
	buffer  bytes.Buffer // of a usual group
	pieces  [][]byte     // of a large one, each full but the last
	large   bool
	records int // encoded, once group has returned
	from    *encoders
}

func (p *encoders) get() (*encoding, error) {
	if e, ok := p.pool.Get().(*encoding); ok {
		return e, nil
	}
	encoder, err := warc.NewEncoder(p.cfg)
	return &encoding{encoder: encoder, from: p}, err
}

func (p *encoders) put(e *encoding) {
	p.mu.Lock()
	for _, piece := range e.pieces {
		if len(p.free) < maxPieces {
			p.free = append(p.free, piece[:0])
		}
	}
	p.mu.Unlock()
	e.pieces, e.large = nil, false
	if e.buffer.Reset(); e.buffer.Cap() > maxPooled {
		e.buffer = bytes.Buffer{}
	}
	p.pool.Put(e)
}

// piece returns an empty one.
func (p *encoders) piece() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free)
	if n == 0 {
		return make([]byte, 0, pieceSize)
	}
	piece := p.free[n-1]
	p.free = p.free[:n-1]
	return piece
}

// Write takes what a large group encodes to. It does not fail.
func (e *encoding) Write(b []byte) (int, error) {
	for left := b; len(left) > 0; {
		last := len(e.pieces) - 1
		if last < 0 || len(e.pieces[last]) == pieceSize {
			e.pieces = append(e.pieces, e.from.piece())
			last++
		}
		n := min(len(left), pieceSize-len(e.pieces[last]))
		e.pieces[last] = append(e.pieces[last], left[:n]...)
		left = left[n:]
	}
	return len(b), nil
}

// add encodes one more record. It returns the bytes that it takes.
func (e *encoding) add(r *warc.Record) (int, error) {
	if !e.large {
		return e.encoder.Encode(&e.buffer, r)
	}
	before := sizeOf(e.pieces)
	err := e.encoder.EncodeTo(e, r)
	return sizeOf(e.pieces) - before, err
}

// group is what was encoded.
func (e *encoding) group() [][]byte {
	if e.large {
		return e.pieces
	}
	return [][]byte{e.buffer.Bytes()}
}

func sizeOf(pieces [][]byte) (n int) {
	for _, p := range pieces {
		n += len(p)
	}
	return n
}

// size is what the records of an exchange take before they are compressed, more or less.
func (p *prepared) size(x *Exchange) int { return len(p.block) + len(x.Request) + len(p.metadata) }

// encode encodes the records of one exchange: response or revisit, request, metadata. The metadata record comes last and so marks the
// group as whole. It returns the bytes of the first member.
func (e *encoding) encode(x *Exchange, p *prepared) (int64, error) {
	e.large = p.size(x) > maxPooled
	n, err := e.add(p.mainRecord(x))
	if err != nil {
		return 0, err
	}
	e.records = 2
	if len(x.Request) > 0 {
		e.records++
		if _, err := e.add(p.partRecord(warc.TypeRequest, warc.ContentHTTPRequest, x.Request)); err != nil {
			return 0, err
		}
	}
	_, err = e.add(p.partRecord(warc.TypeMetadata, warc.ContentJSON, p.metadata))
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
	h.Add(fieldBlockDigest, warc.Digest(p.block))
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
	return &warc.Record{Header: h, Block: p.block, Stored: p.stored && x.Revisit == nil, Packed: x.Revisit != nil}
}

// partRecord makes a record that belongs to the main one. A revisit is nothing but small records, and a recrawl nothing but revisits: there they
// are compressed, for disk space is what it costs.
func (p *prepared) partRecord(kind, contentType string, block []byte) *warc.Record {
	h := warc.NewHeader(kind, warc.NewID(), p.entry.Fetched)
	h.Add("WARC-Target-URI", p.entry.URL)
	h.AddNonempty("WARC-IP-Address", p.entry.IP)
	h.Add("WARC-Concurrent-To", "<"+p.entry.RecordID+">")
	h.Add("Content-Type", contentType)
	h.Add(fieldBlockDigest, warc.Digest(block))
	return &warc.Record{Header: h, Block: block, Packed: p.entry.Type == warc.TypeRevisit}
}

const (
	fieldRun         = "run"
	fieldBlockDigest = "WARC-Block-Digest"
)

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
	h.Add(fieldBlockDigest, warc.Digest(block))
	return &warc.Record{Header: h, Block: block}
}
