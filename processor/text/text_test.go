package text

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

func TestKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in     Input
		method string
		err    error
	}{
		{Input{MediaType: "text/html; charset=utf-8", Body: []byte("<p>x")}, MethodVisible, nil},
		{Input{MediaType: "TEXT/HTML", Body: []byte("<p>x")}, MethodVisible, nil},
		{Input{MediaType: "application/xhtml+xml", Body: []byte("<p>x")}, MethodVisible, nil},
		{Input{MediaType: "text/markdown", Body: []byte("x")}, MethodMarkdown, nil},
		{Input{MediaType: "text/plain", Body: []byte("<p>x")}, MethodPlain, nil},
		{Input{MediaType: "text/plain", URL: "https://example.org/README.md?raw=1", Body: []byte("# x")}, MethodMarkdown, nil},
		{Input{MediaType: "image/png"}, "", ErrUnsupported},
		{Input{Body: []byte("\n <!DOCTYPE html><p>x")}, MethodVisible, nil},
		{Input{Body: []byte("just words")}, MethodPlain, nil},
		{Input{Body: []byte("# x"), URL: "notes.md"}, MethodMarkdown, nil},
		{Input{Body: []byte("\x89PNG\r\n\x1a\n\x00")}, "", ErrUnsupported},
		{Input{MediaType: "application/octet-stream", Body: []byte("\xff\xfeh\x00i\x00")}, MethodPlain, nil},
		{Input{}, MethodPlain, nil},
	}
	for _, tt := range tests {
		d, err := Extract(tt.in)
		if d.Method != tt.method || !errors.Is(err, tt.err) {
			t.Errorf("%q %.20q: method %q, error %v; want %q, %v", tt.in.MediaType, tt.in.Body, d.Method, err, tt.method, tt.err)
		}
		if s := Supported(tt.in.MediaType); s && err != nil {
			t.Errorf("%q is supported but gave %v", tt.in.MediaType, err)
		}
	}
}

func TestCharset(t *testing.T) {
	t.Parallel()
	const german, nippon = "Grüße aus Köln", "日本語の文章"
	encode := func(s string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	latin := encode(charmap.Windows1252.NewEncoder().String(german))
	sjis := encode(japanese.ShiftJIS.NewEncoder().String(nippon))
	utf16 := encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(german))
	tests := []struct{ name, mediaType, charset, body, want, used string }{
		{"nothing declared, UTF-8", "text/plain", "", german, german, "utf-8"},
		{"nothing declared, not UTF-8", "text/plain", "", latin, german, "windows-1252"},
		{"header", "text/plain; charset=Shift_JIS", "", sjis, nippon, "shift_jis"},
		{"header in quotes", `text/plain; charset="shift_jis"; x`, "", sjis, nippon, "shift_jis"},
		{"field wins over type", "text/plain; charset=latin1", "sjis", sjis, nippon, "shift_jis"},
		{"mark wins over header", "text/plain; charset=latin1", "", utf16, german, "utf-16le"},
		{"UTF-8 mark", "text/plain; charset=latin1", "", "\ufeff" + german, german, "utf-8"},
		{"meta", "text/html", "", "<meta charset=sjis><p>" + sjis, nippon, "shift_jis"},
		{"meta http-equiv", "text/html", "", `<meta http-equiv=Content-Type content="text/html; charset='shift_jis'"><p>` + sjis, nippon, "shift_jis"},
		{"meta after a long comment", "text/html", "", "<!--" + strings.Repeat("-", 2000) + "--><meta charset=sjis><p>" + sjis, nippon, "shift_jis"},
		{"header wins over meta", "text/html; charset=sjis", "", "<meta charset=latin1><p>" + sjis, nippon, "shift_jis"},
		{"meta cannot be UTF-16", "text/html", "", "<meta charset=utf-16><p>" + german, german, "utf-8"},
		{"unknown label", "text/plain; charset=klingon", "", german, german, "utf-8"},
		{"UTF-8 declared, none there", "text/plain; charset=utf-8", "", latin + latin, german + german, "windows-1252"},
		{"UTF-8 with one bad byte", "text/plain; charset=utf-8", "", german + "\xff!", german + "\uFFFD!", "utf-8"},
		{"UTF-8 cut in a character", "text/plain", "", german + "\xe6\x97", german, "utf-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := Extract(Input{Body: []byte(tt.body), MediaType: tt.mediaType, Charset: tt.charset})
			if err != nil || d.Text != tt.want || d.Charset != tt.used {
				t.Errorf("%q as %s, %v; want %q as %s", d.Text, d.Charset, err, tt.want, tt.used)
			}
		})
	}
}

func TestHTML(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, title, text string }{
		{"white space", "<p> a\n b<b> c</b>d <p>e", "", "a b cd\n\ne"},
		{"breaks and cells", "a<br>b<table><tr><td>1<td>2<tr><td>3</table>", "", "a\nb\n\n1\t2\n3"},
		{"hidden", "a<script>b</script><style>c</style><template>d</template><noscript>e</noscript><svg><title>f</title></svg>g", "", "a\ng"},
		{"title first", "<title>T</title><meta property=og:title content=O><h1>H</h1>", "T", "H"},
		{"og title", "<title> </title><meta property=og:title content='O &amp; P'><h1>H</h1>", "O & P", "H"},
		{"h1", "<h1><a>H<i>1</i></a></h1><h1>2</h1>", "H1", "H1\n\n2"},
		{"svg title is none", "<svg><title>S</title></svg><h1>H</h1>", "H", "H"},
		{"controls, NFC, soft hyphen", "<p>cafe&#769; \x00a\u00ad\u202eb&#1;c", "", "café abc"},
		{"pre", "<pre>\n  a\n\n\tb  \n</pre>c", "", "  a\n\n\tb\n\nc"},
		{"nav only", "<nav>a <a>b</a></nav>", "", "a b"},
		{"nav unclosed", "<nav>menu<main>" + strings.Repeat("text ", 30) + "</main>", "", strings.TrimSpace(strings.Repeat("text ", 30))},
		{"empty", "", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := Extract(Input{Body: []byte(tt.body), MediaType: "text/html"})
			if diff := cmp.Diff([]string{tt.title, tt.text}, []string{d.Title, d.Text}); err != nil || diff != "" {
				t.Errorf("error %v, title and text (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestGuardTurnsPanicsIntoErrors(t *testing.T) {
	t.Parallel()
	_, err := guard(func() (int, error) { panic("as libraries do") })
	if err == nil || !strings.Contains(err.Error(), "as libraries do") {
		t.Errorf("error = %v, want the panic in it", err)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"":                              {},
		"Don't stop, won’t you?":        {"Don't", "stop", "won’t", "you"},
		"3.14 and 1,000 items. v2 2nd":  {"3.14", "and", "1,000", "items", "v2", "2nd"},
		"snake_case x-ray 'quoted' a.b": {"snake_case", "x", "ray", "quoted", "a", "b"},
		"Straße café":                   {"Straße", "café"},
		"漢字かな カタカナ":                     {"漢", "字", "か", "な", "カタカナ"},
		"한국어 문장":                        {"한국어", "문장"},
		"abc漢def":                       {"abc", "漢", "def"},
		"نص عربي":                       {"نص", "عربي"},
		"tail'":                         {"tail"},
	}
	for in, want := range tests {
		got := []string{}
		for at, w := range words(in) {
			if in[at:at+len(w.text)] != w.text {
				t.Errorf("%q: word %q is not at %d", in, w.text, at)
			}
			got = append(got, w.text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"All people on the boat were asleep when the storm began to gather over the mountains in the west.": "en",
		"Der Wind hatte sich gelegt, und die Kinder liefen wieder hinaus auf die nassen Wiesen am Fluss.":   "de",
		"Les enfants couraient dans la rue pendant que leurs parents préparaient le repas du soir.":         "fr",
		"Ветер стих, и дети снова выбежали на мокрый луг у реки, чтобы играть до самого вечера.":            "ru",
		"風が止んで、子供たちはまた川辺の濡れた草原へ走って行きました。":                                                                   "ja",
		"风停了，孩子们又跑到河边湿漉漉的草地上去玩耍，一直玩到晚上。":                                                                    "zh",
		"too short": "",
		"":          "",
		"12345 67890 12345 67890 12345 67890 !!! ???": "",
	}
	for in, want := range tests {
		for range 5 {
			if got, confidence := detectLanguage(in); got != want || confidence < 0 || confidence > 1 {
				t.Errorf("%q: %q with confidence %v, want %q", in, got, confidence, want)
			}
		}
	}
}

func TestLanguageLooksBeyondTheHead(t *testing.T) {
	t.Parallel()
	head := strings.Repeat("Startseite Anmelden Impressum und Datenschutz, Hilfe für Kunden. ", 20)
	body := strings.Repeat("The rider in front steers and the one behind has the better view of the landscape. ", 200)
	if got, _ := detectLanguage(head + body); got != "en" {
		t.Errorf("language %q, want en", got)
	}
	if s := sample(head + body); len(s) > sampleWindows*(windowBytes+1) {
		t.Errorf("sample of %d bytes", len(s))
	}
}

func TestKeywords(t *testing.T) {
	t.Parallel()
	prose := strings.Repeat("The rider in front steers. Riders behind do not steer, and a rider's view is better. Chains drive wheels. ", 10)
	d, err := Extract(Input{Body: []byte("About wheels\n\n" + prose), MediaType: "text/plain"})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"rider", "steer", "wheels", "front", "behind", "view", "better", "chains", "drive"}; !slices.Equal(d.Keywords, want) {
		t.Errorf("keywords %q, want %q", d.Keywords, want)
	}
	d, err = Extract(Input{Body: []byte(strings.Repeat("自転車に乗る人は前の人が舵を取る。自転車は速い。", 6)), MediaType: "text/plain"})
	if err != nil || !slices.Contains(d.Keywords, "自転") || !slices.Contains(d.Keywords, "転車") {
		t.Errorf("keywords %q, error %v; want pairs of Han characters", d.Keywords, err)
	}
}
