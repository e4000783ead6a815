package configs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tandem/internal/units"
)

// What the code of a section finds wrong is told with the place in the file, or with the flag that wins over it.
func TestPlace(t *testing.T) {
	type login struct {
		Origin string `yaml:"origin" check:"nonempty"`
		User   string `yaml:"user"`
	}
	var crawl struct {
		Seeds   []string `yaml:"seeds"`
		Contact string   `yaml:"contact"`
		Logins  []login  `yaml:"logins"`
		Pages   int      `yaml:"pages" check:"min=0"`
	}
	path := filepath.Join(t.TempDir(), "job.yaml")
	text := "crawl:\n  seeds:\n    - a\n    - b\n  contact: x\n  logins: [{user: u}]\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	where, err := LoadPositions(path, map[string]any{"crawl": &crawl})
	if err != nil {
		t.Fatal(err)
	}
	flag := func(key string) string {
		if key == "pages" {
			return "--pages"
		}
		return ""
	}
	wrong := errors.Join(
		units.AtKey("contact", errors.New("contact: it is no address")),
		fmt.Errorf("read: %w", errors.Join(nil, errors.New("of no key"))),
		units.AtKey("logins[0].password", errors.Join(errors.New("logins[0]: password: empty"), errors.New("and short"))),
		units.AtKey("pages", errors.New("too many")),
		units.AtKey("timeout", errors.New("none")),
		units.AtKey("seeds[1]", errors.New(`seed "b": no`)),
	)
	want := "read: of no key\n" +
		"--pages: too many\n" +
		"crawl.timeout: none\n" + // not in the file
		path + ":4:7: crawl.seeds[1]: seed \"b\": no\n" +
		path + ":5:12: crawl.contact: it is no address\n" +
		path + ":6:12: crawl.logins[0].password: password: empty\n" +
		path + ":6:12: crawl.logins[0].password: and short"
	got := where.Place("crawl", wrong, flag)
	if got == nil || got.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", got, want)
	}
	if plain := errors.New("disk"); where.Place("crawl", plain, flag) != plain || where.Place("crawl", nil, flag) != nil {
		t.Error("an error of no key is not returned as it is")
	}

	crawl.Pages = -1
	got = where.PlaceChecks("crawl", Check([]NamedSection{{"crawl", &crawl}}), flag)
	want = "--pages: want at least 0, have -1\n" + path + ":6:12: crawl.logins[0].origin: want a text, have an empty one"
	if got == nil || got.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", got, want)
	}
}
