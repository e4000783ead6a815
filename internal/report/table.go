package report

import (
	"io"
	"strings"

	"github.com/rivo/uniseg"

	"tandem/internal/units"
)

// Table is text in aligned columns. Columns in which every cell is a quantity ("1,234", "12.3 s", "64.0 MiB", "97 %")
// are aligned to the right, the others to the left.
type Table struct {
	// Title stands above the table; "" for none.
	Title string
	// Header names the columns; without it the table has no head, as for keys and values.
	Header []string
	// Rows are the cells; rows may differ in length, and an empty row is an empty line.
	Rows [][]string
	// Width is the room in display cells; long texts are wrapped within their column to fit. Defaults to 80.
	Width int
}

const (
	gap       = 2  // cells between columns
	minColumn = 10 // cells that wrapping leaves to a column
)

// Add appends a row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// Render prints the table.
func (t *Table) Render(w io.Writer) error {
	l := t.layout()
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(units.Escape(t.Title) + "\n")
	}
	if len(t.Header) > 0 {
		l.row(&b, t.Header)
		rule := make([]string, len(l.widths))
		for i, width := range l.widths {
			rule[i] = strings.Repeat("─", width)
		}
		l.row(&b, rule)
	}
	for _, row := range t.Rows {
		l.row(&b, row)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// layout is where the columns stand.
type layout struct {
	widths []int
	right  []bool
}

func (t *Table) layout() layout {
	var l layout
	texts := make([]bool, 0, len(t.Header)) // columns with at least one cell that is no quantity
	filled := make([]bool, 0, len(t.Header))
	grow := func(cells []string) {
		for i, cell := range cells {
			if i == len(l.widths) {
				l.widths, texts, filled = append(l.widths, 0), append(texts, false), append(filled, false)
			}
			l.widths[i] = max(l.widths[i], cellWidth(units.Escape(cell)))
		}
	}
	grow(t.Header)
	for _, row := range t.Rows {
		grow(row)
		for i, cell := range row {
			filled[i] = filled[i] || cell != ""
			texts[i] = texts[i] || !quantity(cell)
		}
	}
	for i := range texts {
		l.right = append(l.right, filled[i] && !texts[i])
	}
	room := t.Width
	if room <= 0 {
		room = 80
	}
	l.fit(room - gap*(len(l.widths)-1))
	return l
}

// fit narrows the widest text columns, one cell at a time, until all columns fit.
func (l *layout) fit(room int) {
	total := 0
	for _, width := range l.widths {
		total += width
	}
	for ; total > room; total-- {
		widest := -1
		for i, width := range l.widths {
			if !l.right[i] && width > minColumn && (widest < 0 || width > l.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return
		}
		l.widths[widest]--
	}
}

// row prints the cells, on several lines when one is wrapped.
func (l *layout) row(b *strings.Builder, cells []string) {
	wrapped, lines := make([][]string, len(cells)), 1
	for i, cell := range cells {
		wrapped[i] = wrap(units.Escape(cell), l.widths[i])
		lines = max(lines, len(wrapped[i]))
	}
	for n := range lines {
		var line strings.Builder
		for i := range cells {
			if i > 0 {
				line.WriteString(strings.Repeat(" ", gap))
			}
			var text string
			if n < len(wrapped[i]) {
				text = wrapped[i][n]
			}
			pad := strings.Repeat(" ", max(0, l.widths[i]-cellWidth(text)))
			if l.right[i] {
				text, pad = pad, text
			}
			line.WriteString(text + pad)
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// quantity reports whether a cell is empty, a dash, or a number with at most a sign and a unit.
func quantity(cell string) bool {
	switch cell {
	case "", "-", "–":
		return true
	}
	s := strings.TrimLeft(cell, "+-−×≈<>≤≥ ")
	if s == "" || s[0] < '0' || s[0] > '9' {
		return false
	}
	unit := strings.TrimLeft(s, "0123456789.,")
	return len(unit) <= 12 && !strings.ContainsAny(unit, "0123456789-:_#?=") || durationText(s)
}

// durationText accepts what units.FormatDuration prints in two parts, "1m 03s".
func durationText(s string) bool {
	return len(s) <= 8 && strings.Trim(s, "0123456789dhms ") == ""
}

// cellWidth counts the display cells of a text.
func cellWidth(s string) int { return uniseg.StringWidth(s) }

// wrap cuts a text into lines of at most width cells, at spaces where possible.
func wrap(s string, width int) []string {
	if cellWidth(s) <= width || width <= 0 {
		return []string{s}
	}
	var lines []string
	for s != "" {
		head, rest := cut(s, width)
		if rest != "" {
			if i := strings.LastIndexByte(head, ' '); i > 0 && rest[0] != ' ' {
				head, rest = head[:i], head[i+1:]+rest
			}
		}
		lines = append(lines, strings.TrimRight(head, " "))
		s = strings.TrimLeft(rest, " ")
	}
	return lines
}

// cut splits a text so that head fills at most width cells; head is never empty.
func cut(s string, width int) (head, rest string) {
	used, state := 0, -1
	rest = s
	for rest != "" {
		_, next, cells, newState := uniseg.FirstGraphemeClusterInString(rest, state)
		if used+cells > width && len(rest) < len(s) {
			break
		}
		used, rest, state = used+cells, next, newState
	}
	return s[:len(s)-len(rest)], rest
}
