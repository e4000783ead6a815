package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"tandem/store/fsx"
	"tandem/store/warc"
)

// ScanFile yields an entry for each response, revisit and resource record of a WARC file that has no index, in file order. It reads every
// record and computes the payload digests itself. A damaged stretch is yielded as an error that names file and offset
// (*warc.DamageError), and reading goes on behind it. Fields that only our own metadata records know are empty.
func ScanFile(path string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(Entry{}, fmt.Errorf("scan warc: %w", err))
			return
		}
		defer f.Close()
		r := warc.NewReader(f, path, warc.Limits{})
		for {
			rec, err := r.Next()
			var damage *warc.DamageError
			switch {
			case err == io.EOF:
				return
			case errors.As(err, &damage):
				if !yield(Entry{}, err) {
					return
				}
				continue
			case err != nil:
				yield(Entry{}, fmt.Errorf("scan warc %q: %w", path, err))
				return
			}
			if e, ok := foreignEntry(rec, filepath.Base(path)); ok && !yield(e, nil) {
				return
			}
		}
	}
}

// foreignEntry describes somebody else's record. Digests and types in headers are not believed: work is keyed by them.
func foreignEntry(rec *warc.Record, file string) (Entry, bool) {
	e, ok := recordEntry(rec, file)
	if !ok {
		return e, false
	}
	if e.Type == warc.TypeResource {
		e.Status, e.Digest = 200, warc.Digest(rec.Block)
		media, _, _ := strings.Cut(rec.Header.Get("Content-Type"), ";")
		e.Mime = cleanMime(strings.TrimSpace(media))
		return e, e.URL != ""
	}
	r, err := ParseResponse(rec.Block)
	if err != nil {
		return e, false // dns: and other exchanges that are not HTTP
	}
	e.Status, e.Mime = r.Status, r.MediaType()
	if e.Type == warc.TypeResponse {
		e.Digest = warc.Digest(r.Body)
		if e.Truncated == "" && r.Truncated {
			e.Truncated = "unspecified"
		}
	}
	return e, e.URL != ""
}

// recordEntry reads what a WARC header tells.
func recordEntry(rec *warc.Record, file string) (Entry, bool) {
	h := rec.Header
	e := Entry{
		Type: rec.Type(), URL: cleanURL(h.URI("WARC-Target-URI")), Fetched: h.Date("WARC-Date"), Digest: h.Get("WARC-Payload-Digest"),
		Offset: rec.Position.Offset, Length: rec.Position.Length, Filename: file, RecordID: h.ID("WARC-Record-ID"),
		Truncated: cleanTruncated(h.Get("WARC-Truncated")), IP: cleanIP(h.Get("WARC-IP-Address")),
		Mime: cleanMime(h.Get("WARC-Identified-Payload-Type")),
	}
	e.Timestamp = Timestamp(e.Fetched)
	switch e.Type {
	case warc.TypeResponse, warc.TypeRevisit, warc.TypeResource:
		return e, true
	}
	return e, false
}

// scan is what a look through one of our own segments found.
type scan struct {
	run     string
	records int // whole ones, up to cut with tail and in the file without
	entries []Entry
	dates   span
	cut     int64 // end of the last whole group
	size    int64 // of the file
	damage  error // why the rest is no whole group; nil when there is none

	unsummed bool // the file has no checksums of its own: the digests of the blocks are looked at
}

// scanSegment reads a segment of ours group by group: response or revisit, request, metadata. With tail it ends at the first thing that is
// no whole group; otherwise it goes on behind it.
func scanSegment(fsys fsx.FS, path, segment string, tail bool) (*scan, error) {
	f, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	s := &scan{size: info.Size(), unsummed: strings.HasSuffix(segment, warc.None.Suffix())}
	g, n := group{segment: segment}, 0
	for r := warc.NewReader(f, path, warc.Limits{MaxBlock: maxOwnBlock, Strict: true}); ; {
		rec, err := r.Next()
		var damage *warc.DamageError
		switch {
		case err == io.EOF:
			return s, nil
		case errors.As(err, &damage):
			g.open = false
		case err != nil:
			return nil, err
		default:
			n++
			err = s.add(&g, rec)
			if !tail || err == nil && s.cut == rec.Position.Offset+rec.Position.Length {
				s.records = n
			}
		}
		if err != nil {
			s.damage = err
			if tail {
				return s, nil
			}
		}
	}
}

// maxOwnBlock is more than Append is ever given, so that recovery never takes a whole record for a torn one.
const maxOwnBlock = 1 << 40

var errBlock = errors.New("block does not have its digest")

var errGroup = errors.New("records do not form a group")

var errShared = errors.New("records share a gzip member: not written by us")

func (s *scan) add(g *group, rec *warc.Record) error {
	if rec.Position.Length < 0 { // its place is none in the file
		g.open = false
		return errShared
	}
	end := rec.Position.Offset + rec.Position.Length
	if s.unsummed && rec.Header.Get(fieldBlockDigest) != warc.Digest(rec.Block) {
		g.open = false
		return errBlock
	}
	if rec.Type() == warc.TypeWarcinfo && !g.open {
		s.run = warc.ParseFields(rec.Block).Get(fieldRun)
		s.cut = end
		return nil
	}
	whole, err := g.add(rec)
	if err != nil {
		return err
	}
	if whole {
		s.entries = append(s.entries, g.entry)
		s.dates.add(g.entry.Fetched)
		s.cut = end
	}
	return nil
}

// group puts the records of one Append together again.
type group struct {
	segment string
	open    bool
	entry   Entry
}

func (g *group) add(rec *warc.Record) (whole bool, err error) {
	kind := rec.Type()
	if kind == warc.TypeResponse || kind == warc.TypeRevisit {
		broken := g.open
		g.entry, g.open = recordEntry(rec, g.segment)
		g.entry.Status = parseStatus(rec.Block)
		if broken {
			return false, errGroup
		}
		return false, nil
	}
	if !g.open || rec.Header.ID("WARC-Concurrent-To") != g.entry.RecordID {
		g.open = false
		return false, errGroup
	}
	if kind != warc.TypeMetadata {
		return false, nil
	}
	g.open = false
	var m metaBlock
	if err := json.Unmarshal(rec.Block, &m); err != nil {
		return false, fmt.Errorf("metadata record: %w", err)
	}
	g.entry.SURT, g.entry.Meta = m.SURT, m.Meta
	if m.Refers != nil {
		g.entry.RefSegment, g.entry.RefOffset, g.entry.RefLength = m.Refers.Segment, m.Refers.Offset, m.Refers.Length
	}
	return true, g.entry.check()
}
