package crawler

import (
	"strings"

	"tandem/crawler/weburl"
)

// What the form of a URL tells. Beyond these, honest URLs are rare.
const (
	maxTrapLevels = 6   // patterns are told apart to this depth
	maxSegmentsIn = 64  // segments that are compared with each other
	deepPath      = 16  // segments
	manyParams    = 8   // parameters
	longURI       = 512 // bytes
)

// trapShape is the form of a URL: what is left of it when numbers and ids are
// blanked. It is made without allocating.
type trapShape struct {
	authority string
	hash      uint64 // of the whole URL
	level     [maxTrapLevels]uint64
	levels    int    // in use
	varied    uint16 // bit i: level i is a page with a number, an id or parameters
	steady    int    // levels before the first number or id
	numbers   int    // levels with one
	path      uint64 // of the blanked path
	params    [manyParams * 2]param
	nparams   int // more than params holds, perhaps
	length    int
	depth     int

	repeats bool // a part of the path follows itself twice, or is there four times
	echoes  bool // a segment is there twice
	over    bool // deep, long, or with many parameters
	dated   bool // holds a date
	far     bool // a date that is far from now
	id      trapID
}

// param is one parameter of a query.
type param struct{ name, value uint64 }

// trapID is a part of a URL that looks as if it named a visit: key is which
// part (0 is none), rest the URL without it.
type trapID struct {
	key, rest, value uint64
	at               int // which segment of the path, from 1; 0 is a parameter
}

func (s *trapShape) numbered(level int) bool { return level > 0 && s.varied>>(level-1)&1 == 1 }

// nested tells numbers in numbers in numbers, as calendars have them.
func (s *trapShape) nested() bool { return s.dated || s.numbers >= 3 }

// shapeOf reads a URL.
func shapeOf(u weburl.URL, farMonth int) trapShape {
	s := trapShape{authority: u.Authority(), length: len(u.RequestURI()), hash: mix(hashText(seedHash, u.RequestURI()))}
	s.readPath(u.Path(), farMonth)
	if q := u.Query(); q != "" {
		s.readQuery(q, farMonth)
	}
	s.over = s.depth > deepPath || s.nparams > manyParams || s.length > longURI
	if s.id.key != 0 {
		s.id.rest = restOf(u, s.id)
	}
	return s
}

func (s *trapShape) readPath(path string, farMonth int) {
	var raw [maxSegmentsIn]uint64
	var dates dateReader
	for rest := path[1:]; rest != ""; {
		segment, more, folder := strings.Cut(rest, "/")
		rest = more
		if s.depth < len(raw) {
			raw[s.depth] = hashText(seedHash, segment)
		}
		s.depth++
		dates.take(segment)
		blanked, varies, id := blank(segment)
		s.path = mix(s.path ^ blanked)
		if id && s.id.key == 0 {
			s.id = trapID{key: mix(s.path + 1), value: hashText(seedHash, segment), at: s.depth}
		}
		if s.levels < maxTrapLevels-1 {
			if !folder && !varies {
				blanked = namedPage
			}
			if varies && rest == "" {
				s.varied |= 1 << s.levels
			}
			s.level[s.levels] = blanked
			if s.levels++; s.numbers == 0 && !varies {
				s.steady = s.levels
			}
			if varies {
				s.numbers++
			}
		}
	}
	s.dated, s.far = dates.verdict(farMonth)
	s.compare(raw[:min(s.depth, len(raw))])
}

// compare looks for segments that come again.
func (s *trapShape) compare(segments []uint64) {
	for i, a := range segments {
		same := 1
		for _, b := range segments[i+1:] {
			if a == b {
				same++
			}
		}
		s.echoes = s.echoes || same > 1
		s.repeats = s.repeats || same > 3
	}
	for size := 1; s.echoes && !s.repeats && size*3 <= len(segments); size++ {
		run := 0 // how many segments in a row equal the one that is size before
		for i := size; i < len(segments) && run < 2*size; i++ {
			if run++; segments[i] != segments[i-size] {
				run = 0
			}
		}
		s.repeats = run >= 2*size
	}
}

func (s *trapShape) readQuery(query string, farMonth int) {
	names := uint64(1)
	var dates dateReader
	for rest := query; rest != ""; {
		var text string
		text, rest, _ = strings.Cut(rest, "&")
		if text == "" {
			continue
		}
		name, value, _ := strings.Cut(text, "=")
		p := param{hashText(seedHash, name), hashText(seedHash, value)}
		if s.nparams < len(s.params) {
			s.params[s.nparams] = p
		}
		s.nparams++
		names += mix(p.name) // in any order
		dates.takeParam(name, value)
		if _, _, id := blank(value); s.id.key == 0 && value != "" && (id || isSessionName(name)) {
			s.id = trapID{key: p.name, value: p.value}
		}
	}
	dated, far := dates.verdict(farMonth)
	s.dated, s.far = s.dated || dated, s.far || far
	s.varied |= 1 << s.levels
	s.level[s.levels] = mix(s.path ^ names)
	s.levels++
}

// restOf hashes a URL without the part that looks like an id.
func restOf(u weburl.URL, id trapID) uint64 {
	h := seedHash
	depth := 0
	for rest, more := u.Path()[1:], true; more; {
		var segment string
		segment, rest, more = strings.Cut(rest, "/")
		if depth++; depth != id.at {
			h = hashText(h, segment)
		}
		h = mix(h)
	}
	for text := range strings.SplitSeq(u.Query(), "&") {
		if name, _, _ := strings.Cut(text, "="); id.at > 0 || hashText(seedHash, name) != id.key {
			h = mix(hashText(h, text))
		}
	}
	return h
}

// grows tells whether a URL that is beyond all honest measure was found on a
// page that is, too, and is longer than that.
func (s *trapShape) grows(via string) bool {
	if !s.over {
		return false
	}
	u, err := weburl.Parse(via)
	if err != nil {
		return false
	}
	v := shapeOf(u, 0)
	return v.over && v.length < s.length
}

// repeatsOn tells whether a URL that says the same again was found on a page that
// began to.
func (s *trapShape) repeatsOn(via string) bool {
	if !s.repeats {
		return false
	}
	u, err := weburl.Parse(via)
	if err != nil {
		return false
	}
	v := shapeOf(u, 0)
	return v.echoes
}

// isSessionName tells the names that are given to session ids.
func isSessionName(name string) bool {
	if len(name) > 32 || len(name) < 3 {
		return false
	}
	name = strings.ToLower(name)
	return name == "sid" || name == "token" || strings.Contains(name, "sess")
}

// blank hashes a segment with its numbers and ids left out.
func blank(segment string) (h uint64, varies, id bool) {
	if isID(segment) {
		return seedHash, true, true
	}
	h = seedHash
	for i := 0; i < len(segment); i++ {
		c := segment[i]
		if '0' <= c && c <= '9' {
			if varies = true; i == 0 || segment[i-1] < '0' || segment[i-1] > '9' {
				h = hashByte(h, '0')
			}
			continue
		}
		h = hashByte(h, c)
	}
	return h, varies, false
}

// isID tells a text that nobody chose: eight letters and digits or more that
// take turns, or twelve hex digits.
func isID(s string) bool {
	if len(s) < 8 || len(s) > 256 {
		return false
	}
	digits, letters, hex, turns := 0, 0, 0, 0
	last := byte(0)
	for i := 0; i < len(s); i++ {
		class := byte(0)
		switch c := s[i] | 0x20; {
		case '0' <= s[i] && s[i] <= '9':
			class = 'd'
			digits++
			hex++
		case 'a' <= c && c <= 'z':
			class = 'l'
			letters++
			if c <= 'f' {
				hex++
			}
		}
		if class != 0 && last != 0 && class != last {
			turns++
		}
		last = class
	}
	return digits+letters >= 8 && digits > 0 && (letters > 0 && turns >= 3 && digits*5 >= len(s) || hex == len(s) && len(s) >= 12)
}

// namedPage stands for the pages of a folder that have names of their own.
const namedPage = uint64(1)

const seedHash = uint64(14695981039346656037)

func hashByte(h uint64, c byte) uint64 { return (h ^ uint64(c)) * 1099511628211 }

func hashText(h uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		h = hashByte(h, s[i])
	}
	return h
}

// mix spreads every bit of h over all of them.
func mix(h uint64) uint64 {
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	h = (h ^ h>>32) * 0xd6e8feb86659fd93
	return h ^ h>>32
}
