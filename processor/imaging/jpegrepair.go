package imaging

import "fmt"

// jpegRepair rebuilds a damaged JPEG so that image/jpeg, which gives nothing at all on the first error, gives
// what is there. A baseline scan is walked code by code (no transform, no pixels) to the last unit that is
// whole; from there on it is written anew as flat units. A progressive picture is cut after its last whole scan: it is
// all there, only coarser.
type jpegRepair struct {
	body     []byte
	frame    *jpegFrame
	tables   [2][4]*huffman // DC, AC
	interval int            // units between restart markers, 0: none
	scans    int            // whole ones
	covered  int            // components of the whole scans of a baseline picture
}

// repairJPEG returns the rebuilt file and how much of the picture it shows, or nil.
func repairJPEG(body []byte) (repaired []byte, there string) {
	r := &jpegRepair{body: body}
	pos := 2
	for {
		s, ok := nextSegment(body, pos)
		if !ok || s.marker == markerEOI || !r.take(s) {
			return r.cutBefore(s.start)
		}
		pos = s.end
		if s.marker != markerSOS {
			continue
		}
		scan, ok := r.parseScan(s)
		if !ok {
			return r.cutBefore(s.start)
		}
		end, done := r.walk(scan)
		if done < scan.units {
			return r.finish(s, scan, end, done)
		}
		r.scans++
		r.covered += len(scan.parts)
		pos = end.pos
	}
}

// take learns from a segment, and says whether it makes sense.
func (r *jpegRepair) take(s jpegSegment) bool {
	switch s.marker {
	case markerSOF0, markerSOF1, markerSOF2:
		f, ok := parseSOF(s)
		if !ok || r.frame != nil {
			return false
		}
		r.frame = f
	case markerDHT:
		return r.takeTables(s.payload)
	case markerDRI:
		if len(s.payload) < 2 {
			return false
		}
		r.interval = be16(s.payload)
	}
	return true
}

func (r *jpegRepair) takeTables(p []byte) bool {
	for len(p) >= 17 {
		class, slot := p[0]>>4, p[0]&15
		if class > 1 || slot > 3 {
			return false
		}
		t, used := newHuffman(p[1:])
		if t == nil {
			return false
		}
		r.tables[class][slot] = t
		p = p[1+used:]
	}
	return len(p) == 0
}

// cutBefore ends the file at a segment that is not whole.
func (r *jpegRepair) cutBefore(start int) ([]byte, string) {
	if r.scans == 0 || !r.frame.progressive && r.covered < len(r.frame.components) {
		return nil, ""
	}
	out := append([]byte(nil), r.body[:start]...)
	there := "all of the picture is there"
	if r.frame.progressive {
		there = fmt.Sprintf("the first %d scans are there", r.scans)
	}
	return append(out, 0xff, markerEOI), there
}

// finish ends a file whose last scan is not whole, after done units.
func (r *jpegRepair) finish(s jpegSegment, scan *jpegScan, end bitPosition, done int) ([]byte, string) {
	if !scan.walkable || r.scans > 0 {
		return r.cutBefore(s.start)
	}
	if done == 0 {
		return nil, ""
	}
	w := &bitWriter{out: append([]byte(nil), r.body[:end.pos]...)}
	if end.bit > 0 {
		w.write(uint32(r.body[end.pos]>>(8-end.bit)), end.bit)
	}
	for unit := done; unit < scan.units; unit++ {
		if r.interval > 0 && unit%r.interval == 0 {
			w.flush()
			w.out = append(w.out, 0xff, markerRST0+byte((unit/r.interval-1)%8))
		}
		for _, part := range scan.parts {
			for range part.blocks {
				if !part.writeFlat(w) {
					return nil, ""
				}
			}
		}
	}
	w.flush()
	return append(w.out, 0xff, markerEOI), fmt.Sprintf("%d%% of the picture is there", percent(done, scan.units))
}

// jpegScan is a scan to walk.
type jpegScan struct {
	data     int // where its codes begin
	units    int
	walkable bool // baseline or the first DC scan, all components interleaved; others are only stepped over
	parts    []scanPart
}

// scanPart is one component of a scan.
type scanPart struct {
	blocks int // in a unit
	dc, ac *huffman
}

func (r *jpegRepair) parseScan(s jpegSegment) (*jpegScan, bool) {
	p := s.payload
	if r.frame == nil || len(p) < 1 || len(p) != 4+2*int(p[0]) || p[0] == 0 || p[0] > 4 {
		return nil, false
	}
	n := int(p[0])
	scan := &jpegScan{data: s.end, units: r.frame.mcus()}
	for i := range n {
		id, slots := p[1+2*i], p[2+2*i]
		part := scanPart{}
		for _, c := range r.frame.components {
			if c.id == id {
				part.blocks = c.h * c.v
			}
		}
		if part.blocks == 0 || slots>>4 > 3 || slots&15 > 3 {
			return nil, false
		}
		part.dc = r.tables[0][slots>>4]
		if !r.frame.progressive {
			part.ac = r.tables[1][slots&15]
		}
		scan.parts = append(scan.parts, part)
	}
	first := !r.frame.progressive || p[1+2*n] == 0 && p[3+2*n]>>4 == 0
	scan.walkable = first && n == len(r.frame.components)
	for _, part := range scan.parts {
		scan.walkable = scan.walkable && part.dc != nil && (part.ac != nil || r.frame.progressive)
	}
	return scan, true
}

// walk goes through a scan and returns where its last whole unit ends, and the number of them. A scan that is
// not walkable is whole if a marker follows it.
func (r *jpegRepair) walk(scan *jpegScan) (end bitPosition, done int) {
	if !scan.walkable {
		s, ok := nextSegment(r.body, scan.data)
		if !ok && s.marker == 0 {
			return bitPosition{pos: len(r.body)}, 0
		}
		return bitPosition{pos: s.start}, scan.units
	}
	b := &bitReader{body: r.body, at: bitPosition{pos: scan.data}}
	end = b.at
	for done < scan.units {
		if r.interval > 0 && done > 0 && done%r.interval == 0 && !b.restart(byte((done/r.interval-1)%8)) {
			return end, done
		}
		for _, part := range scan.parts {
			for range part.blocks {
				if !part.skipBlock(b) {
					return end, done
				}
			}
		}
		done++
		end = b.at
	}
	if end.bit > 0 {
		end.pos++ // the rest of the byte is padding
	}
	return end, done
}

// skipBlock steps over one block of 64 coefficients, or over its first in a progressive picture.
func (p *scanPart) skipBlock(b *bitReader) bool {
	size, ok := p.dc.next(b)
	if !ok || size > 16 || !b.skip(int(size)) {
		return false
	}
	if p.ac == nil {
		return true
	}
	for k := 1; k < 64; {
		code, ok := p.ac.next(b)
		run, size := int(code>>4), int(code&15)
		switch {
		case !ok:
			return false
		case size > 0:
			k += run + 1
			if k > 64 || !b.skip(size) {
				return false
			}
		case run == 15:
			k += 16
		default:
			return run == 0 // end of block
		}
	}
	return true
}

// writeFlat writes a block that repeats the brightness of the one before.
func (p *scanPart) writeFlat(w *bitWriter) bool {
	return p.dc.write(w, 0) && (p.ac == nil || p.ac.write(w, 0))
}
