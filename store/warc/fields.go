package warc

import "strings"

// AppendFields appends an application/warc-fields block (WARC 1.1, section 4): one line per field. Line breaks and other control
// characters in a value become spaces; a field whose name is no token is left out.
func AppendFields(dst []byte, fields []Field) []byte {
	for _, f := range fields {
		f.Value = strings.Map(blankControl, f.Value)
		if CheckField(f) != nil {
			continue
		}
		dst = append(dst, f.Name...)
		dst = append(dst, ": "...)
		dst = append(dst, f.Value...)
		dst = append(dst, "\r\n"...)
	}
	return dst
}

func blankControl(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

// ParseFields reads an application/warc-fields block as far as it is well formed; folded lines are joined with a space.
func ParseFields(block []byte) Header {
	var h Header
	for line := range strings.Lines(string(block)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			break
		}
		if (line[0] == ' ' || line[0] == '\t') && len(h) > 0 {
			h[len(h)-1].Value += " " + strings.Trim(line, " \t")
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if ok && len(h) < maxFields {
			h.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return h
}
