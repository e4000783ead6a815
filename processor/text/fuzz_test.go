package text

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzExtract(f *testing.F) {
	for name, body := range hostile(200) {
		f.Add([]byte(body), len(name)%4, "")
	}
	files, err := filepath.Glob("testdata/golden/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for i, name := range files {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, i, "utf-8")
	}
	types := []string{"text/html", "text/markdown", "text/plain", ""}
	f.Fuzz(func(t *testing.T, body []byte, kind int, charset string) {
		in := Input{Body: body, MediaType: types[uint(kind)%uint(len(types))], Charset: charset}
		d, err := Extract(in)
		if err != nil {
			return
		}
		checkDocument(t, d)
		again, _ := Extract(in)
		if diff := cmp.Diff(d, again); diff != "" {
			t.Errorf("the same bytes gave another document:\n%s", diff)
		}
	})
}

func FuzzTrimTags(f *testing.F) {
	f.Add(`<p a="x>y">z<script>"</script><b c>`)
	f.Fuzz(func(t *testing.T, page string) {
		if got, trimmed := trimTags(page); len(page) <= maxTag && (trimmed || got != page) {
			t.Errorf("a page of %d bytes was trimmed to %d", len(page), len(got))
		}
	})
}
