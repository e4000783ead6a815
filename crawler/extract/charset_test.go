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
		{"meta without semicolon", "<meta http-equiv=content-type content='text/html charset = \"windows-1251\"'>\xe0", "text/html", "<meta http-equiv=content-type content='text/html charset = \"windows-1251\"'>а"},
		{"first meta with a label", "<meta charset=''><meta name=x content='charset=koi8-r'><meta charset=windows-1251>\xe0", "text/html", "<meta charset=''><meta name=x content='charset=koi8-r'><meta charset=windows-1251>а"},
		{"meta in a comment", "<!-- <meta charset=windows-1251> --><p>\xfc", "text/html", "<!-- <meta charset=windows-1251> --><p>ü"},
		{"meta late, within reach", "<!--" + pad + "--><meta charset=windows-1251>\xe0", "text/html", "<!--" + pad + "--><meta charset=windows-1251>а"},
		{"bogus meta", "<meta charset=klingon>\xfc", "text/html", "<meta charset=klingon>ü"},
		{"bogus header, good meta", "<meta charset=windows-1251>\xe0", "text/html; charset=klingon", "<meta charset=windows-1251>а"},
		{"header against meta", "<meta charset=windows-1251>ü", "text/html; charset=utf-8", "<meta charset=windows-1251>ü"},
		{"meta against utf-8 bytes", "<meta charset=windows-1251>ü", "text/html", "<meta charset=windows-1251>ГјН"[:len("<meta charset=windows-1251>Гј")]},
		{"xml declaration", "<?xml version='1.0' encoding='windows-1251'?><html>\xe0", "text/html", "<?xml version='1.0' encoding='windows-1251'?><html>а"},
		{"iso-8859-1 is windows-1252", "\x80\xfc", "text/html; charset=ISO-8859-1", "€ü"},
		{"euc-kr", "\xc7\xd1\xb1\xdb", "text/html; charset=ks_c_5601-1987", "한글"},
		{"gb18030", "\xd6\xd0\x81\x30\x81\x30", "text/html; charset=gb18030", "中\u0080"},
		{"gb2312 is gbk", "\xd6\xd0\x81\x40", "text/html; charset=gb2312", "中丂"},
		{"euc-jp", "\xc6\xfc\xcb\xdc", "text/html; charset=euc-jp", "日本"},
		{"iso-2022-jp", "<p>\x1b$BF|K\\\x1b(B", "text/html; charset=iso-2022-jp", "<p>日本"},
		{"big5", "\xa4\xa4", "text/html; charset=big5", "中"},
		{"utf-16 without mark or label", "<\x00p\x00>\x00\xfc\x00", "text/html", "<p>ü"},
		{"utf-16be without mark or label", "\x00<\x00p\x00>\x00\xfc", "text/html", "<p>ü"},
		{"utf-16 label on utf-8", "<p>ü", "text/html; charset=utf-16", "<p>ü"},
		{"bom before utf-16 label", "\xef\xbb\xbfü", "text/html; charset=utf-16le", "ü"},
		{"replacement", "<p>\xfc", "text/html; charset=iso-2022-cn", "<p>ü"},
		{"broken utf-8", "a\xffb", "text/html; charset=utf-8", "a\xffb"},
	}
	for _, tt := range tests {
		_, label := splitContentType(tt.contentType)
		if got := string(decode([]byte(tt.body), label, kindHTML)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Pages that name no charset and are not UTF-8 are read by the frequencies of their letters; little text is windows-1252.
func TestGuess(t *testing.T) {
	t.Parallel()
	for text, labels := range map[string][]string{
		"Новости нашего города: сегодня утром открылась новая выставка.":  {"windows-1251", "koi8-r", "iso-8859-5"},
		"これは日本語のページです。今日は天気がとても良いので、公園へ散歩に行きました。":                         {"shift_jis", "euc-jp"},
		"이것은 한국어 페이지입니다. 오늘은 날씨가 매우 좋아서 공원에 산책을 갔습니다.":                    {"euc-kr"},
		"这是一个中文页面。今天天气很好，所以我们去公园散步了。":                                     {"gb18030"},
		"這是一個中文頁面。今天天氣很好，所以我們去公園散步了。":                                     {"big5"},
		"Die Straße führt über die Brücke, und die Häuser sind schön.":    {"windows-1252"},
		"El niño comió una manzana en el jardín.":                         {"windows-1252"},
		"Καλημέρα, σήμερα είναι μια όμορφη μέρα στην πόλη μας.":           {"iso-8859-7"},
		"“Quoted”, he said – in English, which has no letters of its own": {"windows-1252"},
		"ü": {"windows-1252"},
	} {
		for _, label := range labels {
			enc, _ := lookup(label)
			page := "<!DOCTYPE html><html><head><title>" + text + "</title></head><body><p>" + strings.Repeat("<p>"+text, 3)
			body, err := enc.NewEncoder().String(page)
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				if got := string(decode([]byte(body), "", kindHTML)); got != page {
					t.Errorf("%s: read as %.100q", label, got)
					break
				}
			}
		}
	}
}

// URL standard, query state: letters of a query are in the page's charset, those of a path are not.
func TestQueryCharset(t *testing.T) {
	t.Parallel()
	tests := []struct{ contentType, body, want string }{
		{"text/html; charset=windows-1251", "<a href='/\xff?q=\xff&r=%FF#\xff'>", "/%D1%8F?q=%FF&r=%FF"},
		{"text/html", "<meta charset=windows-1251><a href='?\xff'>", "/dir/page.html?%FF"},
		{"text/html; charset=windows-1251", "<a href='?&#1103;'>", "/dir/page.html?%FF"}, // ASCII throughout
		{"text/html; charset=windows-1251", "<a href='?\xff&#20013;&ouml;'>", "/dir/page.html?%FF%26%2320013%3B%26%23246%3B"},
		{"text/html; charset=shift_jis", "<a href='?\x83\x5c\x83\x65 x'>", "/dir/page.html?%83\\%83e%20x"},
		{"text/html; charset=euc-kr", "<a href='?\xc7\xd1'>", "/dir/page.html?%C7%D1"},
		{"text/html; charset=gb18030", "<a href='?\x81\x30\x81\x30'>", "/dir/page.html?%810%810"},
		{"text/html; charset=utf-8", "<a href='?я'>", "/dir/page.html?%D1%8F"},
		{"text/html", "<a href='?я'>", "/dir/page.html?%D1%8F"},
		{"text/html; charset=utf-16le", "<\x00a\x00 \x00h\x00r\x00e\x00f\x00=\x00?\x00\x4f\x04>\x00", "/dir/page.html?%D1%8F"},
		{"text/html; charset=windows-1251", "\xef\xbb\xbf<a href='?я'>", "/dir/page.html?%D1%8F"},
		{"text/html; charset=windows-1251", "<style>a{b:url(/?\xff)}</style>", "! /?%D1%8F"},
		{"text/html; charset=windows-1251", "<meta http-equiv=refresh content='0;url=?\xff'>", "/dir/page.html?%FF [refresh]"},
		{"application/xhtml+xml", "<?xml version='1.0' encoding='windows-1251'?><a href='?\xff'/>", "/dir/page.html?%FF"},
		{"text/css", "@charset \"windows-1251\"; a{b:url(\xff?\xff)}", "! /dir/%D1%8F?%D1%8F"},
	}
	for _, tt := range tests {
		checkLinks(t, tt.contentType, tt.body, []string{tt.want})
	}
}
