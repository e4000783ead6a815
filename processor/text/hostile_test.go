package text

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// hostile are documents made to cost more than they should.
func hostile(size int) map[string]string {
	fill := func(unit string) string { return strings.Repeat(unit, size/len(unit)+1)[:size] }
	distinct := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	// As many paragraphs as the extractor is given, as long as the size allows.
	article := func(open, end string) string {
		text := max(1, size/25_000-len(open)-len(end))
		return "<html><body><article>" + fill(open+strings.Repeat("word ", text/5+1)[:text]+end)
	}
	return map[string]string{
		"article of p":       article("<p>", "</p>"),
		"article of div":     article("<div>", "</div>"),
		"article of p b":     article("<p><b>x</b>", "</p>"),
		"article of links":   article("<p><a href=x>x</a>", "</p>"),
		"article of li":      article("<ul><li>", "</li></ul>"),
		"article of br":      article("", "<br>"),
		"article of spans":   article("<span>", "</span>"),
		"article of code":    article("<code>", "</code>\n"),
		"article of pre":     article("<pre>", "</pre>\n"),
		"article of quotes":  article("<blockquote>", "</blockquote>\n"),
		"article of h2":      article("<h2>", "</h2>\n"),
		"article of tables":  article("<table><tr><td>", "</table>\n"),
		"article of rows":    "<article><table>" + article("<tr><td>", "")[len("<html><body><article>"):],
		"article of items":   "<article><ul>" + article("<li>", "")[len("<html><body><article>"):],
		"paragraph of b":     "<article><p>" + article("<b>", "</b> ")[len("<html><body><article>"):],
		"paragraph of br":    "<article><p>" + article("<br>", "")[len("<html><body><article>"):],
		"nested div":         fill("<div>"),
		"nested b":           fill("<b>"),
		"short paragraphs":   fill("<p>x"),
		"closed paragraphs":  fill("<p>some words here</p>"),
		"long paragraphs":    fill("<p>" + strings.Repeat("some words here ", 100) + "</p>"),
		"links":              fill("<a href=x>word</a> "),
		"list":               fill("<li>item"),
		"lists":              fill("<ul><li>item one</li></ul>"),
		"table":              fill("<tr><td>cell"),
		"tables":             fill("<table><tr><td>cell</table>"),
		"table misnested":    fill("<table><a>"),
		"open formatting":    strings.Repeat("<p>", 1) + distinctTags(200) + fill("<p>x"),
		"adoption":           fill("<a><p>x</a>"),
		"attributes":         "<p " + fill("a ") + ">text",
		"attribute":          `<p title="` + fill("a") + `">text`,
		"attribute unclosed": `<p title="` + fill("a"),
		"attributes in tags": fill("<b a b c d e f g h i j k l m n o p q r s t u v w x y z></b>"),
		"less than":          fill("<"),
		"open tags":          fill("<a"),
		"comments":           fill("<!--"),
		"comment":            "<!--" + fill("-"),
		"scripts":            fill("<script>"),
		"closed scripts":     fill("<script></script>"),
		"script escapes":     fill("<script><!--"),
		"titles":             fill("<title>x</title>"),
		"h1":                 fill("<h1>x"),
		"nul":                fill("\x00"),
		"nul in tags":        fill("<p\x00>x\x00"),
		"entities":           fill("&amp;"),
		"half entities":      fill("&a"),
		"br":                 fill("<br>"),
		"br text":            fill("x<br>"),
		"pre":                fill("<pre>code\n</pre>"),
		"code":               fill("<code>a\n"),
		"spans in pre":       "<pre>" + fill("<span class=k>if</span> (x)\n"),
		"combining":          "<p>a" + fill("\u0301"),
		"one word":           "<p>" + fill("a"),
		"different words":    "<p>" + distinct("w%d "),
		"ideographs":         "<p>" + fill("漢字"),
		"spaces":             "<pre>x" + fill(" "),
		"newlines":           "<pre>x" + fill("\n"),
		"quotes":             fill("<blockquote>q"),
		"meta":               fill("<meta charset=x>"),
		"json":               "<script type='application/ld+json'>" + fill("[") + "</script><p>x",
		"json object":        "<script type='application/ld+json'>" + fill(`{"@type":`) + "</script><p>x",
		"og":                 fill("<meta property='og:title' content='x'>"),
		"select":             fill("<select><option>x"),
		"svg":                fill("<svg>"),
		"template":           fill("<template>x"),
		"frameset":           "<frameset>" + fill("<frame>"),
		"brackets":           fill("["),
		"links markdown":     strings.Repeat("[", size/2) + strings.Repeat("](", size/4),
		"targets":            strings.Repeat("[", size/3) + strings.Repeat("](\\", size/6),
		"images markdown":    fill("![a](b)"),
		"stars":              fill("*a "),
		"star":               fill("*"),
		"underscores":        fill("_a_b"),
		"ticks":              distinct("`%d ") + fill("``x "),
		"tick runs":          fill("`` ` ``` "),
		"quote marks":        fill("> "),
		"quote lines":        fill("> a\n"),
		"bars":               fill("|"),
		"rows":               fill("|a|b|\n"),
		"items":              fill("- a\n"),
		"fences":             fill("```\na\n"),
		"headings":           fill("# a\n"),
		"setext":             fill("a\n-\n"),
		"front matter":       "---\n" + fill("a: b\n"),
		"definitions":        fill("[a]: b\n"),
		"indented":           fill("    a\n\n"),
		"backslashes":        fill("\\"),
		"utf16":              "\xff\xfe" + fill("a"),
	}
}

func distinctTags(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<b a=%d>", i)
	}
	return b.String()
}

// Each document must be read in time that grows with its size and not with its square. The bound is generous, for
// loaded machines; what it catches takes minutes.
func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	size := 128 << 10
	if testing.Short() || raceEnabled {
		size = 4 << 10
	}
	for name, body := range hostile(size) {
		for _, mediaType := range []string{"text/html", "text/markdown", "text/plain"} {
			t.Run(name+" as "+strings.TrimPrefix(mediaType, "text/"), func(t *testing.T) {
				start := time.Now()
				d, err := Extract(Input{Body: []byte(body), MediaType: mediaType})
				if err != nil {
					t.Fatal(err)
				}
				took := time.Since(start)
				if took > 5*time.Second {
					t.Errorf("took %v", took)
				}
				checkDocument(t, d)
			})
		}
	}
}

// checkDocument holds for every document there is.
func checkDocument(t *testing.T, d Document) {
	t.Helper()
	if !utf8.ValidString(d.Text) || !utf8.ValidString(d.Title) {
		t.Error("text or title is not valid UTF-8")
	}
	if len(d.Text) > MaxText+MaxText/2 || len(d.Title) > MaxTitle {
		t.Errorf("%d bytes of text and %d of title are over the caps", len(d.Text), len(d.Title))
	}
	if i := strings.IndexFunc(d.Text, func(r rune) bool { return r != '\n' && r != '\t' && dropped(r) }); i >= 0 {
		t.Errorf("text has a control character at %d: %q", i, d.Text[i:min(len(d.Text), i+10)])
	}
	if strings.ContainsFunc(d.Title, func(r rune) bool { return r == '\n' || r == '\t' || dropped(r) }) {
		t.Errorf("title has a control character: %q", d.Title)
	}
	if d.LanguageConfidence < 0 || d.LanguageConfidence > 1 || (d.Language == "") != (d.LanguageConfidence == 0) {
		t.Errorf("language %q with confidence %v", d.Language, d.LanguageConfidence)
	}
	if len(d.Keywords) > MaxKeywords {
		t.Errorf("%d keywords", len(d.Keywords))
	}
	if (d.Words == 0) != (d.MinHash == nil) {
		t.Errorf("%d words and a signature of %d", d.Words, len(d.MinHash))
	}
}

// What would take seconds is seen before it is begun.
func TestCostlyPagesAreTakenWhole(t *testing.T) {
	t.Parallel()
	for name, page := range map[string]string{
		"paragraphs": "<article>" + strings.Repeat("<p>some words here, and some more of them</p>", 40_000),
		"elements":   "<article>" + strings.Repeat("<b>x</b> ", 80_000),
		// 200 open elements that each later paragraph repeats: 8 MB would become a tree of 50 GB.
		"formatting": distinctTags(200) + strings.Repeat("<p>x", 10_000),
		"nesting":    strings.Repeat("<div>", 100_000) + "inside",
	} {
		d, err := Extract(Input{Body: []byte(page), MediaType: "text/html"})
		if err != nil || d.Method != MethodVisible || len(d.Notes) == 0 || d.Words == 0 {
			t.Errorf("%s: method %q, notes %q, %d words, error %v", name, d.Method, d.Notes, d.Words, err)
		}
	}
}

func TestCaps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, mediaType string
		body            string
		truncated       bool
	}{
		{"32 MiB of text", "text/plain", strings.Repeat("0123456 ", 4<<20), true},
		{"50 MB attribute", "text/html", `<p>before<p title="` + strings.Repeat("a", 50<<20) + `">after`, true},
		{"1 MB attribute", "text/html", `<p>before<p title="` + strings.Repeat("a", 1<<20) + `">after`, false},
		{"long Markdown", "text/markdown", strings.Repeat("word\n", 2<<20), true},
		{"windows-1252 grows", "text/plain", strings.Repeat("\x80", 4<<20), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, err := Extract(Input{Body: []byte(tt.body), MediaType: tt.mediaType})
			if err != nil {
				t.Fatal(err)
			}
			if d.Truncated != tt.truncated {
				t.Errorf("Truncated = %v, want %v", d.Truncated, tt.truncated)
			}
			if len(d.Text) > MaxText || d.Text == "" {
				t.Errorf("%d bytes of text", len(d.Text))
			}
			checkDocument(t, d)
		})
	}
}
