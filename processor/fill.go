package processor

import (
	"encoding/json"
	"fmt"
	"time"
)

// origin renders where a row comes from.
func (r *row) origin(run string) Origin {
	o := Origin{Run: run, Change: string(r.change), FetchedAt: timestamp(r.fetched), Columns: r.columns}
	if r.isPath {
		o.Path = &r.id
	} else {
		status, depth := int32(r.status), int32(r.depth)
		o.URL, o.Status, o.Depth, o.Segment, o.Offset = &r.id, &status, &depth, &r.segment, &r.offset
	}
	if r.change != changeGone {
		digest := r.digest.String()
		o.Digest, o.ContentType = &digest, some(r.media)
	}
	return o
}

func timestamp(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	t := time.UnixMilli(ms).UTC()
	return &t
}

// some is nil for the empty string.
func some(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// hex64 renders a 64-bit hash.
func hex64(h uint64) *string {
	s := fmt.Sprintf("%016x", h)
	return &s
}

func int32p(n int) *int32 {
	v := int32(n)
	return &v
}

// document makes a row of what the text task found. Without facts, it is gone.
func (r *row) document(run string, facts json.RawMessage, near *string) (Document, error) {
	d := Document{Origin: r.origin(run)}
	if facts == nil {
		return d, nil
	}
	var f docFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return d, fmt.Errorf("read result of %q: %w", r.id, err)
	}
	d.Title, d.Text, d.Language, d.LanguageConfidence, d.Words = &f.Title, &f.Text, some(f.Language), &f.Confidence, int32p(f.Words)
	d.Simhash, d.NearDuplicateOf, d.Keywords = hex64(f.Simhash), near, f.Keywords
	d.Method, d.Charset, d.Truncated, d.Notes = some(f.Method), some(f.Charset), &f.Truncated, f.Notes
	return d, nil
}

// image makes a row of what the image task found. Without facts, it is gone.
func (r *row) image(run string, facts json.RawMessage, near *string, size int) (Image, error) {
	m := Image{Origin: r.origin(run)}
	if facts == nil {
		return m, nil
	}
	var f imageFacts
	if err := json.Unmarshal(facts, &f); err != nil {
		return m, fmt.Errorf("read result of %q: %w", r.id, err)
	}
	m.PageURL, m.Alt, m.Format = some(r.via), some(r.alt), some(f.Format)
	m.Width, m.Height, m.Frames = int32p(f.Width), int32p(f.Height), int32p(f.Frames)
	m.PHash, m.BlurHash, m.DominantColor = hex64(f.PHash), some(f.BlurHash), some(f.DominantColor)
	m.NearDuplicateOf, m.Salvaged, m.Detail = near, &f.Salvaged, some(f.Detail)
	if f.Thumbnails > 0 {
		m.Thumbnail = some(thumbName(r.digest, size))
	}
	if x := f.Exif; x != nil {
		m.ExifMake, m.ExifModel, m.ExifTime = some(x.Make), some(x.Model), x.Time
		m.ExifLatitude, m.ExifLongitude = x.Latitude, x.Longitude
		if x.Orientation != 0 {
			m.ExifOrientation = int32p(x.Orientation)
		}
	}
	return m, nil
}
