package text

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The golden files hold the whole document as it is found: run with -update after a deliberate change, and raise the
// version of the tasks that store it.
func TestGolden(t *testing.T) {
	t.Parallel()
	types := map[string]string{".html": "text/html", ".md": "text/markdown", ".txt": "text/plain"}
	files, err := filepath.Glob("testdata/golden/*.*")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, name := range files {
		mediaType := types[filepath.Ext(name)]
		if mediaType == "" {
			continue
		}
		ran++
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			d, err := Extract(Input{Body: body, MediaType: mediaType})
			if err != nil {
				t.Fatal(err)
			}
			checkDocument(t, d)
			got := describe(d)
			if *update {
				if err := os.WriteFile(name+".golden", []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(name + ".golden")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("document (-want +got):\n%s", diff)
			}
			for range 5 {
				again, err := Extract(Input{Body: body, MediaType: mediaType})
				if diff := cmp.Diff(d, again); err != nil || diff != "" {
					t.Fatalf("the same bytes gave another document: %v\n%s", err, diff)
				}
			}
		})
	}
	if ran < 5 {
		t.Errorf("%d golden documents found, want at least 5", ran)
	}
}

func describe(d Document) string {
	var sum uint64
	for _, v := range d.MinHash {
		sum = sum*31 + uint64(v)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "method: %s\ntitle: %s\nlanguage: %s %.2f\nwords: %d\ncharset: %s\nkeywords: %s\nsimhash: %016x\nminhash: %016x\nnotes: %q\n\n%s\n",
		d.Method, d.Title, d.Language, d.LanguageConfidence, d.Words, d.Charset, strings.Join(d.Keywords, ", "), d.Simhash, sum, d.Notes, d.Text)
	return b.String()
}
