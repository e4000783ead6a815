package text

import (
	"os"
	"strings"
	"testing"

	"github.com/blevesearch/segment"
)

func benchmarkExtract(b *testing.B, mediaType string, body []byte) {
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Extract(Input{Body: body, MediaType: mediaType}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
}

func golden(b *testing.B, name string) []byte {
	body, err := os.ReadFile("testdata/golden/" + name)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

func BenchmarkArticle(b *testing.B) {
	benchmarkExtract(b, "text/html", golden(b, "article.html"))
}

func BenchmarkMarkdown(b *testing.B) {
	benchmarkExtract(b, "text/markdown", []byte(strings.Repeat(string(golden(b, "readme.md")), 20)))
}

func BenchmarkPlain(b *testing.B) {
	benchmarkExtract(b, "text/plain", []byte(prose()))
}

// prose is 50 KB of ordinary text.
func prose() string {
	return strings.Repeat("The rider in front steers; the one behind, who can't, has the better view. Chains drive 2.5 wheels. ", 500)
}

// BenchmarkWords compares the splitter here with Unicode's segmentation in a library.
func BenchmarkWords(b *testing.B) {
	text := prose()
	b.Run("own", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			for range words(text) {
			}
		}
	})
	b.Run("uax29", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			for s := segment.NewWordSegmenterDirect([]byte(text)); s.Segment(); {
			}
		}
	})
}

func BenchmarkLanguage(b *testing.B) {
	text := prose()
	for b.Loop() {
		detectLanguage(text)
	}
}

func BenchmarkTrimTags(b *testing.B) {
	page := strings.Repeat(string(golden(b, "article.html")), 20)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		trimTags(page)
	}
}
