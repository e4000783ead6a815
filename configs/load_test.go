package configs_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/configs"
	"tandem/internal/units"
)

type common struct {
	Concurrency int `yaml:"concurrency" check:"min=1,max=10000" doc:"how many requests are in flight"`
}

type crawl struct {
	common
	Seeds    []string          `yaml:"seeds" check:"nonempty"`
	Scope    string            `yaml:"scope" check:"oneof=host|domain|prefix|any"`
	HostRate units.Rate        `yaml:"host-rate" doc:"requests per second to one host"`
	MaxBody  units.Size        `yaml:"max-body" check:"min=1KiB"`
	Timeout  units.Duration    `yaml:"timeout" check:"min=1ms,max=1h"`
	Allow    []units.Pattern   `yaml:"allow"`
	Header   map[string]string `yaml:"header"`
	Robots   bool              `yaml:"robots"`
	Ratio    float64           `yaml:"ratio" check:"min=0,max=1"`
	Workers  uint16            `yaml:"workers"`
	Proxy    *proxy            `yaml:"proxy"`
	Rules    []rule            `yaml:"rules"`
	Hidden   int               `yaml:"-"`
}

type proxy struct {
	Addr string `yaml:"addr"`
	Port *int   `yaml:"port" check:"min=1,max=65535"`
}

type rule struct {
	Name string   `yaml:"name"`
	Tags []string `yaml:"tags"`
}

func defaults() crawl {
	return crawl{common: common{64}, Scope: "host", HostRate: 1, MaxBody: 32 * units.MiB, Timeout: units.Duration(30 * time.Second), Robots: true, Seeds: []string{"default"}}
}

// parse reads a file over the defaults.
func parse(text string) (crawl, string, error) {
	c, out := defaults(), "default-out"
	err := configs.Parse("job.yaml", []byte(text), map[string]any{"out": &out, "crawl": &c})
	return c, out, err
}

func TestParseFillsEverything(t *testing.T) {
	t.Parallel()
	got, out, err := parse(`# a job
out: ./run
process: {whatever: [1, &a 2]}
crawl:
  concurrency: 1_000
  seeds:
    - http://example.org/
    - "b"
    - 'c'
  scope: any
  host-rate: 0
  max-body: 1048576
  timeout: 1m
  allow: ['^/docs/', "\\.pdf$"]
  header: {Accept: text/html, X-Number: 007}
  robots: false
  ratio: 1e-1
  workers: 65535
  proxy:
    addr: |
      two
      lines
    port: 8080
  rules:
  - name: one
    tags: []
  - {name: two, tags: [x]}
`)
	if err != nil {
		t.Fatal(err)
	}
	port := 8080
	pattern := func(s string) (p units.Pattern) {
		if err := p.Set(s); err != nil {
			t.Fatal(err)
		}
		return p
	}
	want := crawl{
		common: common{1000}, Seeds: []string{"http://example.org/", "b", "c"}, Scope: "any", MaxBody: units.MiB, Timeout: units.Duration(time.Minute),
		Allow: []units.Pattern{pattern(`^/docs/`), pattern(`\.pdf$`)}, Header: map[string]string{"Accept": "text/html", "X-Number": "007"},
		Ratio: 0.1, Workers: 65535, Proxy: &proxy{"two\nlines\n", &port}, Rules: []rule{{Name: "one"}, {"two", []string{"x"}}},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(crawl{})); diff != "" {
		t.Errorf("crawl (-want +got):\n%s", diff)
	}
	if out != "./run" {
		t.Errorf("out = %q, want %q", out, "./run")
	}
}

func TestParseKeepsDefaults(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"crawl:\n", "crawl: {}\n", "site: {a: b}\n", "\ufeffload:\n  x: 1\r\n"} {
		got, out, err := parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(defaults(), got, cmp.AllowUnexported(crawl{})); diff != "" || out != "default-out" {
			t.Errorf("%q changes defaults (-want +got):\n%s", text, diff)
		}
	}
}

// Every wrong file with the exact places and a part of each message.
func TestWrongFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want []string // "line:column part of the message"
	}{
		"empty":             {"", []string{"1:1 holds no section"}},
		"only comments":     {"# nothing\n\n", []string{"1:1 holds no section"}},
		"unknown section":   {"crawll:\n  seeds: []\n", []string{`1:1 did you mean "crawl"`}},
		"far section":       {"zzzzzzz: 1\n", []string{"1:1 known are out, crawl"}},
		"unknown key":       {"crawl:\n  host_rate: 1/s\n", []string{`2:3 did you mean "host-rate"`}},
		"swapped letters":   {"crawl:\n  tiemout: 1s\n", []string{`2:3 did you mean "timeout"`}},
		"duplicate key":     {"crawl:\n  scope: any\n  scope: host\n", []string{"3:3 first is in line 2"}},
		"duplicate section": {"out: a\nout: b\n", []string{"2:1 second time"}},
		"duplicate header":  {"crawl:\n  header: {a: b, 'a': c}\n", []string{"2:18 crawl.header.a"}},
		"tabs":              {"crawl:\n\tscope: any\n  \trobots: true\n", []string{"2:1 tab", "3:3 tab"}},
		"anchor and alias":  {"out: &x run\ncrawl:\n  scope: *x\n", []string{"1:6 anchors", "3:10 aliases"}},
		"merge key":         {"crawl:\n  <<: {scope: any}\n", []string{"2:3 plain word"}},
		"tag":               {"out: !!str 5\n", []string{"1:6 tags"}},
		"second document":   {"out: a\n---\nout: b\n", []string{"3:1 second document"}},
		"directive":         {"%YAML 1.2\n---\nout: a\n", []string{"1:1 directives"}},
		"list at the top":   {"- a\n- b\n", []string{"1:1 want a mapping"}},
		"text at the top":   {"just text\n", []string{`1:1 have "just text"`}},
		"open bracket":      {"out: a\ncrawl: [1, 2\n", []string{"2:8 no YAML"}},
		"open quote":        {"out: 'a\n", []string{"1:6 no YAML"}},
		"colon in a value":  {"out: a: b\n", []string{"1:6 quote a text"}},
		"reserved mark":     {"out: @a\n", []string{"1:6 reserved"}},
		"wrong types": {"out: [a]\ncrawl:\n  concurrency: many\n  seeds: http://a/\n  robots: yes\n  ratio: .nan\n  header: x\n  proxy: 5\n  scope: {a: b}\n", []string{
			"1:6 out: want a text, have a list", `3:16 whole number, have "many"`, "4:10 want a list", "5:11 want true or false", "6:10 want a number", "7:11 want a mapping", "8:10 want a mapping", "9:10 want a text"}},
		"no values": {"out:\ncrawl:\n  seeds:\n  scope:\n  timeout: ~\n", []string{"1:5 have nothing", "3:9 have nothing", "4:9 have nothing", "5:12 have nothing"}},
		"limits": {"crawl:\n  concurrency: 0\n  ratio: 1.5\n  timeout: 2h\n  max-body: 1B\n  scope: world\n  workers: 65536\n  proxy: {port: 0}\n  seeds: ['']\n", []string{
			"2:16 want 1 to 10000, have 0", "3:10 want 0 to 1, have 1.5", "4:12 want 1ms to 1h, have 2h", "5:13 want at least 1KiB", "6:10 host, domain, prefix, any", "7:12 too large", "8:17 want 1 to 65535", "9:11 crawl.seeds[0]"}},
		"units":           {"crawl:\n  host-rate: -1/s\n  timeout: 30\n  max-body: 5k\n  allow: ['(']\n", []string{"2:14 negative", "3:12 1h30m", "4:13 64MiB", "5:11 crawl.allow[0]"}},
		"numbers":         {"crawl:\n  concurrency: '5'\n  workers: -1\n", []string{"2:16 whole number", "3:12 not negative"}},
		"octal":           {"crawl:\n  concurrency: 010\n", []string{"2:16 leading zeros"}},
		"hexadecimal":     {"crawl:\n  concurrency: 0x10\n", []string{"2:16 leading zeros"}},
		"fraction":        {"crawl:\n  concurrency: 1.5\n", []string{"2:16 whole number"}},
		"beyond 64 bits":  {"crawl:\n  concurrency: 99999999999999999999\n", []string{"2:16 too large"}},
		"nested in list":  {"crawl:\n  rules:\n  - nam: x\n  - 5\n", []string{`3:5 crawl.rules[0].nam`, "4:5 crawl.rules[1]: want a mapping"}},
		"bool as text":    {"out: true\n", []string{"1:6 quote it"}},
		"complex key":     {"crawl:\n  ? {a: b}\n  : c\n", []string{"3:3 invalid key"}},
		"binary":          {"\x7fELF\x02\x01\x00", []string{"1:1 no UTF-8 text"}},
		"zero byte":       {"out: a\nb: \x00\n", []string{"2:4 control character"}},
		"latin-1":         {"out: \xe4\n", []string{"1:6 byte 0xe4"}},
		"utf-16":          {"\xff\xfeo\x00", []string{"1:1 byte 0xff"}},
		"hidden field":    {"crawl:\n  Hidden: 1\n  '-': 2\n", []string{"2:3 unknown key", "3:3 unknown key"}},
		"deep flow":       {"out: " + strings.Repeat("[", 100000), []string{"1:70 nested"}},
		"deep list":       {"out:\n" + strings.Repeat("- ", 100000), []string{"2:129 nested"}},
		"too many keys":   {strings.Repeat("a: b\n", 100000), []string{"5001:2 more than 5000 keys"}},
		"escape sequence": {"crawl:\n  \"\\e[2J\": 1\n", []string{`2:3 crawl.\x1b[2J`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := parse(c.text)
			problems, ok := errors.AsType[configs.Error](err)
			if !ok {
				t.Fatalf("error is %T %v, want configs.Error", err, err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(problems) != len(c.want) || len(lines) != len(c.want) {
				t.Fatalf("%d problems, want %d:\n%v", len(problems), len(c.want), err)
			}
			for i, want := range c.want {
				place, part, _ := strings.Cut(want, " ")
				if !strings.HasPrefix(lines[i], "job.yaml:"+place) || !strings.Contains(lines[i], part) {
					t.Errorf("problem %d is\n  %s\nwant %q at %s", i, lines[i], part, place)
				}
				if strings.ContainsAny(lines[i], "\x1b\x00\t") {
					t.Errorf("problem %q is not safe to print", lines[i])
				}
			}
		})
	}
}

func TestLoadFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var out string
	sections := map[string]any{"out": &out}
	if err := configs.Load(write("good.yaml", "out: x\n"), sections); err != nil || out != "x" {
		t.Errorf("good file: %v, out %q", err, out)
	}
	if err := configs.Load(filepath.Join(dir, "missing.yaml"), sections); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), `open job file "`) {
		t.Errorf("missing file: %v", err)
	}
	if err := configs.Load(dir, sections); err == nil || !strings.HasPrefix(err.Error(), `read job file "`) {
		t.Errorf("folder: %v", err)
	}
	err := configs.Load(write("huge.yaml", "out: x\n"+strings.Repeat("# filler\n", 1<<18)), sections)
	if _, ok := errors.AsType[configs.Error](err); !ok || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("huge file: %v", err)
	}
	path := write("wrong.yaml", "out: []\n")
	if err := configs.Load(path, sections); err == nil || !strings.HasPrefix(err.Error(), path+":1:6: ") {
		t.Errorf("wrong file: %v", err)
	}
}

func TestMistakesOfTheProgram(t *testing.T) {
	t.Parallel()
	for name, section := range map[string]any{
		"no pointer":  crawl{},
		"nil pointer": (*crawl)(nil),
		"channel": &struct {
			C chan int `yaml:"c"`
		}{},
		"wrong check": &struct {
			A int `yaml:"a" check:"mim=1"`
		}{},
		"wrong bound": &struct {
			A units.Size `yaml:"a" check:"min=x"`
		}{},
		"two the same": &struct {
			A, B int `yaml:"a"`
		}{},
	} {
		err := configs.Parse("job.yaml", []byte("crawl: {}\n"), map[string]any{"crawl": section})
		if _, ok := errors.AsType[configs.Error](err); ok || err == nil {
			t.Errorf("%s: error %v, want one that does not blame the file", name, err)
		}
	}
}

func TestManyProblemsAreCut(t *testing.T) {
	t.Parallel()
	_, _, err := parse("crawl:\n  seeds:\n" + strings.Repeat("  - []\n", 500))
	problems, _ := errors.AsType[configs.Error](err)
	if lines := strings.Count(err.Error(), "\n") + 1; len(problems) != 500 || lines != 51 {
		t.Errorf("%d problems in %d lines, want 500 in 51", len(problems), lines)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	c := defaults()
	if err := configs.Check([]configs.NamedSection{{Name: "crawl", Value: &c}}); err != nil {
		t.Errorf("defaults: %v", err)
	}
	port := 0
	c.Concurrency, c.Scope, c.Proxy, c.Timeout = -1, "x", &proxy{Port: &port}, 0
	err := configs.Check([]configs.NamedSection{{Name: "crawl", Value: &c}})
	want := "crawl.concurrency: want 1 to 10000, have -1\ncrawl.scope: want one of host, domain, prefix, any, have \"x\"\n" +
		"crawl.timeout: want 1ms to 1h, have 0\ncrawl.proxy.port: want 1 to 65535, have 0"
	if err == nil || err.Error() != want {
		t.Errorf("Check reports\n%v\nwant\n%s", err, want)
	}
}

// The job files beside the code are well formed and use known sections; the programs' tests read them in full.
func TestJobFilesOfTheFolder(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no job files: %v", err)
	}
	for _, file := range files {
		var out string
		if err := configs.Load(file, map[string]any{"out": &out}); err != nil {
			t.Error(err)
		}
	}
}
