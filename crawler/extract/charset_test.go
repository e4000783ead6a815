package extract

import (
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	pad := strings.Repeat("x", 2000)
	tests := []struct{ name, body, contentType, want string }{
		{"utf-8 by check", "<a title=ü>", "text/html", "<a title=ü>"},
		{"late utf-8 by check", pad + "ü", "text/html", pad + "ü"},
		{"windows-1252 by default", "<a title=\xfc\x80>", "text/html", "<a title=ü€>"},
		{"header", "\xe0\xc0", "text/html; charset=windows-1251", "аА"},
		{"quoted header", "\xe0", `text/html; a=b; Charset="Windows-1251"`, "а"},
		{"header before meta", "<meta charset=iso-8859-2>\xe0", "text/html; charset=windows-1251", "<meta charset=iso-8859-2>а"},
		{"meta", "<meta charset=windows-1251>\xe0", "text/html", "<meta charset=windows-1251>а"},
		{"meta http-equiv", "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>\xe0", "text/html", "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>а"},
		{"bom before header", "\xef\xbb\xbfü", "text/html; charset=windows-1251", "ü"},
		{"utf-16 bom", "\xff\xfe<\x00\xfc\x00", "text/html", "<ü"},
		{"utf-16be bom", "\xfe\xff\x00<\x00\xfc", "text/html", "<ü"},
		{"utf-16 header", "<\x00a\x00", "text/html; charset=utf-16le", "<a"},
		{"utf-16 meta is a lie", "<meta charset=utf-16>ü", "text/html", "<meta charset=utf-16>ü"},
		{"unknown label", "ü", "text/html; charset=klingon", "ü"},
		{"shift_jis", "\x83\x65", "text/html; charset=Shift_JIS", "テ"},
		{"broken utf-8", "a\xffb", "text/html; charset=utf-8", "a\xffb"},
	}
	for _, tt := range tests {
		_, label := splitContentType(tt.contentType)
		if got := string(decode([]byte(tt.body), label, kindHTML)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
