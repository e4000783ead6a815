package weburl

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// wptCase is a case of the web platform tests' urltestdata.json: input, read
// against base, is href, or no URL at all.
type wptCase struct {
	Input    string
	Base     *string
	Href     string
	Protocol string
	Failure  bool
}

// wptCases reads the copy that the parser's module carries. It is data of that
// project and stays in the module cache.
func wptCases(t *testing.T) []wptCase {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/nlnwa/whatwg-url").Output()
	if err != nil {
		t.Skipf("no go command that finds the parser's module: %v", err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "testdata", "urltestdata.json"))
	if err != nil {
		t.Skipf("the parser's module has no test data here: %v", err)
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	var cases []wptCase
	for _, r := range raw {
		var c wptCase
		if json.Unmarshal(r, &c) == nil { // the others are comments
			cases = append(cases, c)
		}
	}
	return cases
}

// aboutWeb reports whether the case is about an http or https URL: it is one,
// or it would have been if it were valid.
func (c *wptCase) aboutWeb() bool {
	if !c.Failure {
		return c.Protocol == "http:" || c.Protocol == "https:"
	}
	for _, text := range []*string{&c.Input, c.Base} {
		if text == nil {
			return false
		}
		ref, err := clean(*text)
		if err != nil {
			return false
		}
		if scheme, ok := schemeOf(ref); ok {
			return strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")
		}
	}
	return false
}

// got reads the case as the crawler would.
func (c *wptCase) got() (URL, error) {
	if c.Base == nil {
		return Parse(c.Input)
	}
	base, err := Parse(*c.Base)
	if errors.Is(err, ErrCredentials) {
		return URL{}, err // there is no such page to find links on
	}
	return base.Resolve(c.Input) // a base that is no http URL is no base
}

// wptDeviations are the inputs that are read otherwise than the standard says,
// each with the reason. There are none in the copy of the pinned module; a newer
// one may bring some, and each of them is either mended or explained here.
var wptDeviations = map[string]string{}

// The canonical form is the standard's, except for what the package refuses on
// purpose: credentials and length. Refusals are listed under -v.
func TestWebPlatformTests(t *testing.T) {
	t.Parallel()
	total, refused, deviant := 0, 0, 0
	used := make(map[string]bool)
	for _, c := range wptCases(t) {
		if !c.aboutWeb() {
			continue
		}
		total++
		want, _, _ := strings.Cut(c.Href, "#") // a fragment is never part of the name
		u, err := c.got()
		if c.Failure == (err != nil) && u.String() == want {
			continue
		}
		if !c.Failure && (errors.Is(err, ErrCredentials) || errors.Is(err, ErrTooLong)) {
			refused++
			t.Logf("refused on purpose: %q: %v", c.Input, err)
			continue
		}
		deviant++
		used[c.Input] = true
		if wptDeviations[c.Input] == "" {
			t.Errorf("deviates: %q on %v: got %q, %v, want %q", c.Input, c.Base, u, err, want)
		}
	}
	t.Logf("%d http and https cases: %d as the standard says, %d refused on purpose, %d deviate", total, total-refused-deviant, refused, deviant)
	if total < 400 {
		t.Errorf("%d cases are about http and https, want more than 400: the test means nothing", total)
	}
	if float64(deviant) > 0.01*float64(total) {
		t.Errorf("%d of %d cases deviate, want at most 1 %%", deviant, total)
	}
	for input := range wptDeviations {
		if !used[input] {
			t.Errorf("%q is listed as a deviation and is none", input)
		}
	}
}
