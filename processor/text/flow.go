package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// flow builds plain text out of pieces of a document: it collapses white space as a browser does, keeps it inside
// preformatted text, sets blocks apart, drops control characters, and stops at a cap.
//
// White space is never written when it comes, only before the next thing that is visible. So there is none at the
// ends, none before a line break, and no more than one empty line.
type flow struct {
	buf   []byte
	max   int
	full  bool   // the cap was met
	lines int    // line breaks due before the next visible character
	space string // white space due before it, when no line break is
	pre   int    // depth of preformatted elements
	fresh bool   // no character yet since the outermost <pre>
	code  []span // where preformatted text stands in buf
	runes int    // visible characters
	coded int    // of these, preformatted
	kept  int    // line breaks kept in preformatted text
}

type span struct{ start, end int }

// line ends the current line, paragraph also leaves an empty one, cell sets table cells apart.
func (f *flow) line()      { f.breakLines(1) }
func (f *flow) paragraph() { f.breakLines(2) }

func (f *flow) cell() {
	if len(f.buf) > 0 && f.lines == 0 {
		f.space = "\t"
	}
}

func (f *flow) breakLines(n int) {
	if len(f.buf) > 0 {
		f.lines = max(f.lines, n)
	}
	f.space = ""
}

// openPre and closePre bracket preformatted text; they nest.
func (f *flow) openPre() {
	f.paragraph()
	if f.pre == 0 {
		f.fresh = true
	}
	f.pre++
}

func (f *flow) closePre() {
	if f.pre > 0 {
		f.pre--
		f.paragraph()
	}
}

// add appends text, which must be valid UTF-8.
func (f *flow) add(s string) {
	for i := 0; i < len(s) && !f.full; {
		if c := s[i]; c > ' ' && c < 0x7f {
			end := i + 1
			for end < len(s) && s[end] > ' ' && s[end] < 0x7f {
				end++
			}
			f.visible(s[i:end], end-i)
			i = end
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		f.addRune(r, s[i:i+size])
		i += size
	}
}

func (f *flow) addRune(r rune, s string) {
	switch {
	case f.pre > 0 && r == '\n':
		f.preNewline()
	case f.pre > 0 && (r == ' ' || r == '\t'):
		if len(f.space) < maxIndent {
			f.space += s
		}
		f.fresh = false
	case unicode.IsSpace(r):
		if f.space == "" && f.lines == 0 && len(f.buf) > 0 {
			f.space = " "
		}
	case dropped(r):
	default:
		f.visible(s, 1)
	}
}

// maxIndent is the widest run of white space kept in preformatted text.
const maxIndent = 256

func (f *flow) preNewline() {
	f.space = ""
	if f.fresh {
		f.fresh = false // the line break right after <pre> is not part of it
		return
	}
	if len(f.buf) > 0 {
		f.lines = min(f.lines+1, 3)
	}
}

// visible writes what is due, then s, which has n characters and no white space.
func (f *flow) visible(s string, n int) {
	gap := f.space
	if f.lines > 0 {
		gap = "\n\n\n"[:f.lines]
		if f.pre > 0 {
			gap += f.space
		}
	}
	if len(f.buf) == 0 && f.pre == 0 {
		gap = ""
	}
	room := f.max - len(f.buf) - len(gap)
	if len(s) > room {
		f.full = true
		s = s[:max(0, room)]
		s = s[:len(string(wholeRunes([]byte(s))))]
		if s == "" {
			return
		}
	}
	start := len(f.buf)
	if f.pre > 0 {
		f.kept += f.lines
	}
	f.buf = append(append(f.buf, gap...), s...)
	f.lines, f.space, f.fresh = 0, "", false
	f.runes += n
	if f.pre > 0 {
		f.coded += n
		f.markCode(start)
	}
}

func (f *flow) markCode(start int) {
	if last := len(f.code) - 1; last >= 0 && f.code[last].end == start {
		f.code[last].end = len(f.buf)
		return
	}
	f.code = append(f.code, span{start, len(f.buf)})
}

// dropped reports characters that never belong into text: controls, the byte order mark, soft hyphens,
// noncharacters, and the controls that reorder what a reader sees.
func dropped(r rune) bool {
	switch {
	case r < 0x20 || r >= 0x7f && r < 0xa0:
		return true
	case r == 0xad || r == 0xfeff:
		return true
	case r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
		return true
	case r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe:
		return true
	}
	return false
}

// text returns the result in NFC, and the part of it that is prose, for telling the language.
func (f *flow) text() (all, prose string) {
	all = string(f.buf)
	if !norm.NFC.IsNormalString(all) {
		// Normalising moves what stands behind; the code spans would point beside it.
		all = norm.NFC.String(all)
		return all, all
	}
	if f.runes-f.coded < minProse {
		return all, all
	}
	var b strings.Builder
	from := 0
	for _, s := range f.code {
		b.WriteString(all[from:s.start])
		b.WriteByte('\n')
		from = s.end
	}
	b.WriteString(all[from:])
	return all, b.String()
}

// minProse is how many characters outside code it takes to tell the language from them alone.
const minProse = 100

// oneLine cleans a title: one line, no controls, NFC, at most MaxTitle bytes, cut at a word where there is one.
func oneLine(s string) string {
	f := flow{max: 4 * MaxTitle}
	f.add(s[:min(len(s), 16*MaxTitle)])
	all, _ := f.text()
	if len(all) <= MaxTitle {
		return all
	}
	cut := string(wholeRunes([]byte(all[:MaxTitle])))
	if i := strings.LastIndexByte(cut, ' '); i > MaxTitle/2 {
		cut = cut[:i]
	}
	return cut
}
