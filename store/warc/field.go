package warc

import "fmt"

// CheckField reports whether f can be a header line: the name must be a token (WARC 1.1, section 4), the value free of control
// characters except the tab. Everything that could start another line is refused.
func CheckField(f Field) error {
	if f.Name == "" {
		return fmt.Errorf("write field %q: %w: empty name", f.Name, ErrHeader)
	}
	for i := range len(f.Name) {
		if !isToken(f.Name[i]) {
			return fmt.Errorf("write field %q: %w: the name is no token", f.Name, ErrHeader)
		}
	}
	for i := range len(f.Value) {
		if c := f.Value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("write field %q: %w: control character in the value", f.Name, ErrHeader)
		}
	}
	return nil
}

func isToken(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-':
		return true
	}
	switch c {
	case '!', '#', '$', '%', '&', '\'', '*', '+', '.', '^', '_', '`', '|', '~':
		return true
	}
	return false
}
