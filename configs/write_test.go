package configs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tandem/configs"
	"tandem/internal/units"
)

func roundTrip(t *testing.T, c crawl, out string) {
	t.Helper()
	var b bytes.Buffer
	if err := configs.Write(&b, []configs.NamedSection{{Name: "out", Value: out}, {Name: "crawl", Value: &c}}); err != nil {
		t.Fatal(err)
	}
	got, gotOut := defaults(), "other"
	if err := configs.Parse("job.yaml", b.Bytes(), map[string]any{"out": &gotOut, "crawl": &got}); err != nil {
		t.Fatalf("%v\nin\n%s", err, b.String())
	}
	if diff := cmp.Diff(c, got, cmp.AllowUnexported(crawl{}), cmpopts.EquateEmpty()); diff != "" || gotOut != out {
		t.Errorf("out %q, want %q; crawl (-want +got):\n%s\nin\n%s", gotOut, out, diff, b.String())
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	roundTrip(t, defaults(), "x")
	port := 1
	c := crawl{
		common: common{1}, Scope: "any", MaxBody: 1234567, HostRate: 1.0 / 3, Timeout: units.Duration(time.Millisecond + 1), Ratio: 1e-9, Workers: 7,
		Header: map[string]string{"Accept": "*/*", "true": "false", "a: b": "# c", "5": "05", "": " "},
		Proxy:  &proxy{Port: &port}, Rules: []rule{{}, {Name: "- x", Tags: []string{"~", "[", "{}"}}},
	}
	for _, s := range []string{
		"http://example.org:8080/a?b=c&d#e", "http://go.localhost/", "yes", "No", "null", "~", "1.5", "0x10", "1e3", ".inf", "-", "- a", "a: b", "a #b", "*x", "&x", "!x",
		"%x", "@x", "`x", "'", `"`, `\`, "\n", "a\nb\n", " lead", "trail ", "\t", "\x00", "\x1b", "\u0085", "\u2028", "\ufeff", "😀", "日本", "...", "---", "=", "<<", "a,b", "[", "}", "|", ">", "?", ":", "a:", "2026-01-02", "12:30:45",
	} {
		c.Seeds = append(c.Seeds, s)
		roundTrip(t, defaults(), s)
	}
	var p units.Pattern
	if err := p.Set(`^https?://[^/]+/(a|b){1,2}\.pdf$ # "x"`); err != nil {
		t.Fatal(err)
	}
	c.Allow = []units.Pattern{p}
	roundTrip(t, c, "out")
}

func TestWriteGolden(t *testing.T) {
	t.Parallel()
	c := defaults()
	c.Seeds = []string{"http://go.localhost/"}
	c.Rules = []rule{{Name: "two words"}}
	var b bytes.Buffer
	if err := configs.Write(&b, []configs.NamedSection{{Name: "out", Value: "out/demo"}, {Name: "crawl", Value: c}}); err != nil {
		t.Fatal(err)
	}
	want := `out: out/demo
crawl:
  concurrency: 64
  seeds:
    - http://go.localhost/
  scope: host
  host-rate: 1/s
  max-body: 32MiB
  timeout: 30s
  allow: []
  header: {}
  robots: true
  ratio: 0
  workers: 0
  rules:
    -
      name: "two words"
      tags: []
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("job file (-want +got):\n%s", diff)
	}
}

// What was never set is not written, because its own check would refuse it.
func TestWriteLeavesOutWhatIsNotSet(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	c := crawl{Seeds: []string{"x"}}
	if err := configs.Write(&b, []configs.NamedSection{{Name: "crawl", Value: &c}}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"scope", "timeout", "max-body", "concurrency"} {
		if strings.Contains(b.String(), key+":") {
			t.Errorf("the unset key %s is written:\n%s", key, b.String())
		}
	}
	var again crawl
	if err := configs.Parse("job.yaml", b.Bytes(), map[string]any{"crawl": &again}); err != nil {
		t.Error(err)
	}
	section := struct {
		Serve string `yaml:"serve" check:"oneof=a|b"`
	}{}
	if err := configs.Check([]configs.NamedSection{{Name: "site", Value: &section}}); err != nil {
		t.Errorf("an unset choice is refused: %v", err)
	}
}

type full struct{}

var errFull = errors.New("disk full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	if err := configs.Write(full{}, []configs.NamedSection{{Name: "out", Value: "x"}}); !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
	if err := configs.Write(&bytes.Buffer{}, []configs.NamedSection{{Name: "out", Value: "\xff"}}); err == nil {
		t.Error("a text that is no UTF-8 is written")
	}
}

func TestSchema(t *testing.T) {
	t.Parallel()
	c := defaults()
	var b bytes.Buffer
	if err := configs.Schema(&b, []configs.NamedSection{{Name: "out", Value: "x"}, {Name: "crawl", Value: &c}}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema     string `json:"$schema"`
		Properties map[string]struct {
			Properties map[string]map[string]any
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	if got.Schema != "https://json-schema.org/draft/2020-12/schema" || len(got.Properties) != 6 {
		t.Errorf("schema %q with %d sections", got.Schema, len(got.Properties))
	}
	want := map[string]any{"description": "how many requests are in flight", "type": "integer", "minimum": 1.0, "maximum": 10000.0, "default": 64.0}
	if diff := cmp.Diff(want, got.Properties["crawl"].Properties["concurrency"]); diff != "" {
		t.Errorf("concurrency (-want +got):\n%s", diff)
	}
	if d := got.Properties["crawl"].Properties["max-body"]["default"]; d != "32MiB" {
		t.Errorf("default of max-body is %v", d)
	}
}

// branch holds itself, as rules for items within items do.
type branch struct {
	Name string            `yaml:"name" check:"nonempty" doc:"what it is called"`
	In   map[string]branch `yaml:"in" doc:"the branches on it"`
	List []branch          `yaml:"list"`
}

type bush struct {
	Branches []branch `yaml:"branches" doc:"what grows"`
	Main     *branch  `yaml:"main"`
}

// A struct may hold itself: it is read, written and checked as deep as the file goes, and stands in the schema once.
func TestStructsWithinThemselves(t *testing.T) {
	t.Parallel()
	var got, again bush
	job := "crawl:\n  branches:\n    - name: a\n      in: {b: {name: b, list: [{name: c, in: {d: {name: d}}}]}}\n"
	if err := configs.Parse("job.yaml", []byte(job), map[string]any{"crawl": &got}); err != nil {
		t.Fatal(err)
	}
	if d := got.Branches[0].In["b"].List[0].In["d"].Name; d != "d" {
		t.Errorf("read %+v", got)
	}
	var b bytes.Buffer
	sections := []configs.NamedSection{{Name: "crawl", Value: &got}}
	if err := errors.Join(configs.Check(sections), configs.Write(&b, sections)); err != nil {
		t.Fatal(err)
	}
	if err := configs.Parse("job.yaml", b.Bytes(), map[string]any{"crawl": &again}); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	if diff := cmp.Diff(got, again, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("written and read (-want +got):\n%s", diff)
	}
	wrong := "crawl:\n  branches:\n    - name: a\n      in: {b: {name: b, list: [{nam: c}]}}\n"
	err := configs.Parse("job.yaml", []byte(wrong), map[string]any{"crawl": &again})
	if err == nil || !strings.HasPrefix(err.Error(), "job.yaml:4:33: crawl.branches[0].in.b.list[0].nam: unknown key") {
		t.Errorf("error %v", err)
	}
}

func TestSchemaOfStructsWithinThemselves(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := configs.Schema(&b, []configs.NamedSection{{Name: "crawl", Value: &bush{}}}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Properties struct {
			Crawl struct{ Properties map[string]any }
		}
		Defs map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	ref := map[string]any{"$ref": "#/$defs/configs_test.branch"}
	want := map[string]any{
		"branches": map[string]any{"description": "what grows", "type": "array", "items": ref},
		"main":     ref,
	}
	if diff := cmp.Diff(want, got.Properties.Crawl.Properties); diff != "" {
		t.Errorf("section (-want +got):\n%s", diff)
	}
	want = map[string]any{
		"name": map[string]any{"description": "what it is called", "type": "string", "minLength": 1.0},
		"in":   map[string]any{"description": "the branches on it", "type": "object", "additionalProperties": ref},
		"list": map[string]any{"type": "array", "items": ref},
	}
	if diff := cmp.Diff(want, got.Defs["configs_test.branch"].Properties); diff != "" || len(got.Defs) != 1 {
		t.Errorf("definition (-want +got):\n%s", diff)
	}
}

// A job file fills the program's own struct over its defaults.
func ExampleLoad() {
	job := struct {
		Seeds    []string   `yaml:"seeds"`
		HostRate units.Rate `yaml:"host-rate"`
		MaxPages int        `yaml:"max-pages" check:"min=0"`
	}{HostRate: 1, MaxPages: 100}
	file, err := os.CreateTemp("", "job*.yaml")
	if err != nil {
		panic(err)
	}
	defer os.Remove(file.Name())
	_, _ = file.WriteString("crawl:\n  seeds: [http://example.org/]\n  host-rate: 5/s\n")
	fmt.Println(configs.Load(file.Name(), map[string]any{"crawl": &job}), job.Seeds, job.HostRate, job.MaxPages)

	err = configs.Parse("wrong.yaml", []byte("crawl:\n  host-rat: 5/s\n  max-pages: -1\n"), map[string]any{"crawl": &job})
	fmt.Println(err)
	// Output:
	// <nil> [http://example.org/] 5/s 100
	// wrong.yaml:2:3: crawl.host-rat: unknown key; did you mean "host-rate"?
	// wrong.yaml:3:14: crawl.max-pages: want at least 0, have -1
}

// Whatever a file holds, reading it ends in values or in problems, and values survive Write and Load.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "out: x\n", "crawl:\n  seeds: [a, 'b', \"c\"]\n  host-rate: 5/s\n", "a: &x 1\nb: *x\n", "crawl:\n\tscope: any\n", "? a\n: b\n",
		"crawl: {header: {a: b}, rules: [{name: x}], proxy: {port: 5}}\n", "out: |\n  a\n  b\n", "out: >-\n  a\n\n  b\n", "%YAML 1.2\n---\nout: a\n...\n", "out: !!binary x", "<<: *a",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, out, err := parse(text)
		if err != nil {
			if problems, ok := errors.AsType[configs.Error](err); !ok || len(problems) == 0 || strings.ContainsAny(err.Error(), "\x00\x1b\t") {
				t.Errorf("error %T %q", err, err)
			}
			return
		}
		roundTrip(t, c, out)
	})
}
