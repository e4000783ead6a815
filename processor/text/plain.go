package text

import "strings"

// fromPlain fills in the document from plain text: lines stay lines; the title is the first line that shows anything.
func (d *Document) fromPlain(in Input) {
	s := d.decodeCapped(in, MaxPlain, false)
	f := flow{max: MaxText, pre: 1}
	f.add(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
	// Lines are kept as in code, but it is prose.
	f.code, f.coded = nil, 0
	d.Method = MethodPlain
	d.finish(&f)
	first, _, _ := strings.Cut(strings.TrimLeft(d.Text, " \t\n"), "\n")
	d.Title = oneLine(first)
}
