package extract

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

// FuzzDecode gives bodies in charsets, named rightly and wrongly: the body stays as it is, the text is UTF-8 unless it is the body
// itself, no byte becomes more than a handful, and what is UTF-8 already is not converted again.
func FuzzDecode(f *testing.F) {
	for _, label := range []string{"", "utf-8", "utf-16le", "utf-16be", "windows-1251", "Shift_JIS", "iso-2022-jp", "gb18030", "big5", "euc-kr", "x-user-defined", "replacement", "klingon"} {
		f.Add([]byte("<meta charset=windows-1251><a href=x title=\xe0>\xff\xfe\x83\x65\x1b$B%F\x1b(B"), label, int(kindHTML))
		f.Add([]byte("\xfe\xff\x00<\xd8\x00"), label, int(kindNone))
		f.Add([]byte("@charset \"windows-1251\";<?xml encoding='Shift_JIS'?>\xe0\xff"), label, int(kindCSS))
		f.Add([]byte("\xef\xbb\xbfü"), label, int(kindHTML))
	}
	f.Fuzz(func(t *testing.T, body []byte, label string, of int) {
		k := kind(of)
		before := bytes.Clone(body)
		out := decode(body, label, k)
		if !bytes.Equal(before, body) {
			t.Fatal("the body was written to")
		}
		same := bytes.Equal(out, body) || bytes.Equal(out, trimBOM(body))
		if !same && !utf8.Valid(out) {
			t.Fatalf("%q in %q became %q, which is no UTF-8", body, label, out)
		}
		if len(out) > 4*len(body)+8 {
			t.Fatalf("%d bytes in %q became %d", len(body), label, len(out))
		}
		if again := decode(out, "utf-8", k); !same && !bytes.Equal(again, trimBOM(out)) && !hasWideBOM(out) {
			t.Fatalf("%q in %q became %q, and then %q", body, label, out, again)
		}
		if k == kindNone && label == "" && utf8.Valid(body) && !bytes.Equal(out, trimBOM(body)) {
			t.Fatalf("%q was UTF-8 and became %q", body, out)
		}
	})
}

func hasWideBOM(b []byte) bool {
	return bytes.HasPrefix(b, []byte{0xfe, 0xff}) || bytes.HasPrefix(b, []byte{0xff, 0xfe})
}
