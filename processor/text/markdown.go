package text

import (
	"strings"
)

// fromMarkdown fills in the document from Markdown: CommonMark's blocks and the tables, task lists, strikethrough
// and front matter that people add. It renders what a reader would see, without the pictures: link texts without
// their targets, pictures as their descriptions, code as it is.
func (d *Document) fromMarkdown(in Input) {
	s := d.decodeCapped(in, MaxHTML, false)
	// Control characters mean nothing in Markdown, and the inline renderer uses two of them for itself.
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
	s, frontTitle := frontMatter(s)
	m := markdown{out: flow{max: MaxText}}
	for line := range strings.SplitSeq(s, "\n") {
		m.line(line)
	}
	m.flush()
	d.Title = oneLine(m.title)
	if d.Title == "" {
		d.Title = oneLine(frontTitle)
	}
	d.Method = MethodMarkdown
	d.finish(&m.out)
}

// markdown is a reader of lines. It knows one open block at a time: nested blocks are flattened, which loses their
// nesting and none of their text.
type markdown struct {
	out   flow
	para  []string // lines of the open paragraph
	item  bool     // the paragraph is a list item: no empty line around it
	fence string   // what closes the open code block
	inPre bool     // an indented code block is open
	title string   // text of the first heading
	list  bool     // inside a list: indentation continues it and is not code
	blank bool     // the previous line was empty
	table bool     // the previous line was a row
}

func (m *markdown) line(raw string) {
	if m.fence != "" {
		m.fencedLine(raw)
		return
	}
	line := strings.TrimLeft(unquote(raw), " \t")
	indented := isIndented(raw)
	trimmed := strings.TrimRight(line, " \t")
	wasBlank := m.blank
	m.blank = trimmed == ""
	if m.inPre && !indented && trimmed != "" {
		m.closeIndented()
	}
	switch {
	case trimmed == "":
		m.blankLine()
	case indented && !m.list && len(m.para) == 0:
		m.indentedLine(raw)
	case m.openFence(trimmed):
	case m.heading(trimmed):
	case m.underline(trimmed):
	case rule(trimmed):
		m.flush()
	case m.tableRow(trimmed):
	case definition(trimmed) && len(m.para) == 0:
	default:
		m.textLine(line, wasBlank && !indented)
	}
}

func (m *markdown) blankLine() {
	if m.table {
		m.table = false
		m.out.paragraph()
	}
	if m.inPre {
		m.out.add("\n")
		return
	}
	m.flush()
}

// textLine is a line of a paragraph, perhaps the first of a list item.
func (m *markdown) textLine(line string, afterBlank bool) {
	if rest, ok := listItem(line); ok {
		m.flush()
		m.list, m.item = true, true
		if rest != "" && !m.openFence(strings.TrimRight(rest, " \t")) {
			m.para = append(m.para, rest)
		}
		return
	}
	if afterBlank {
		m.list = false
	}
	m.para = append(m.para, line)
}

// flush writes the open paragraph.
func (m *markdown) flush() {
	if len(m.para) == 0 {
		return
	}
	text := renderInline(strings.Join(m.para, "\n"))
	m.para = m.para[:0]
	open := m.out.paragraph
	if m.item {
		open = m.out.line
	}
	open()
	for part := range strings.SplitSeq(text, hardBreak) {
		m.out.add(part)
		m.out.line()
	}
	if !m.list {
		m.out.paragraph()
	}
	m.item = false
}

// heading is "# text", with or without closing marks.
func (m *markdown) heading(line string) bool {
	text := strings.TrimLeft(line, "#")
	level := len(line) - len(text)
	if level == 0 || level > 6 || text != "" && text[0] != ' ' && text[0] != '\t' {
		return false
	}
	m.flush()
	if end := strings.TrimRight(text, "#"); strings.HasSuffix(end, " ") || end == "" {
		text = end
	}
	m.writeHeading(strings.TrimSpace(text))
	return true
}

// underline is a line of "=" or "-" below a paragraph, which makes it a heading.
func (m *markdown) underline(line string) bool {
	if len(m.para) == 0 || m.item || strings.Trim(line, "=") != "" && strings.Trim(line, "-") != "" {
		return false
	}
	text := strings.Join(m.para, "\n")
	m.para = m.para[:0]
	m.writeHeading(text)
	return true
}

func (m *markdown) writeHeading(text string) {
	m.list = false
	text = strings.ReplaceAll(renderInline(text), hardBreak, " ")
	if strings.TrimSpace(m.title) == "" {
		m.title = text
	}
	m.out.paragraph()
	m.out.add(text)
	m.out.paragraph()
}

// openFence is ``` or ~~~, three or more.
func (m *markdown) openFence(line string) bool {
	mark := line[:len(line)-len(strings.TrimLeft(line, "`"))]
	if mark == "" {
		mark = line[:len(line)-len(strings.TrimLeft(line, "~"))]
	}
	if len(mark) < 3 || mark[0] == '`' && strings.Contains(line[len(mark):], "`") {
		return false
	}
	m.flush()
	m.fence = mark
	m.out.openPre()
	m.out.fresh = false
	return true
}

func (m *markdown) fencedLine(raw string) {
	if end := strings.TrimSpace(unquote(raw)); strings.HasPrefix(end, m.fence) && strings.Trim(end, m.fence[:1]) == "" {
		m.fence = ""
		m.out.closePre()
		return
	}
	m.out.add(raw)
	m.out.add("\n")
}

func (m *markdown) indentedLine(raw string) {
	if !m.inPre {
		m.inPre = true
		m.out.openPre()
		m.out.fresh = false
	}
	if raw[0] == '\t' {
		raw = raw[1:]
	} else {
		raw = raw[4:]
	}
	m.out.add(raw)
	m.out.add("\n")
}

func (m *markdown) closeIndented() {
	m.inPre = false
	m.out.closePre()
}

// tableRow is a line that starts with a bar, or the line of dashes below a heading row without one.
func (m *markdown) tableRow(line string) bool {
	if strings.Contains(line, "|") && strings.Contains(line, "-") && strings.Trim(line, "|:- \t") == "" {
		m.flushRows()
		return true
	}
	if !strings.Contains(line, "|") || line[0] != '|' && !m.table {
		return false
	}
	m.flush()
	m.row(line)
	return true
}

// flushRows writes an open paragraph whose last line turned out to be the head of a table.
func (m *markdown) flushRows() {
	if len(m.para) == 0 {
		return
	}
	head := m.para[len(m.para)-1]
	m.para = m.para[:len(m.para)-1]
	m.flush()
	m.row(head)
}

func (m *markdown) row(line string) {
	m.table = true
	m.out.line()
	line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
	line = strings.ReplaceAll(line, `\|`, escapedBar)
	for cell := range strings.SplitSeq(line, "|") {
		m.out.cell()
		cell = strings.ReplaceAll(cell, escapedBar, "|")
		m.out.add(strings.ReplaceAll(renderInline(strings.TrimSpace(cell)), hardBreak, " "))
	}
	m.out.line()
}
