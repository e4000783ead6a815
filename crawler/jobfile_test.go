package crawler_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tandem/configs"
	"tandem/crawler"
	"tandem/crawler/extract"
)

const rulesJob = `crawl:
  seeds: [http://a.example/]
  extract:
    - name: article
      match: '/blog/'
      select: 'article > div'
      fields:
        title: {css: 'h1', required: true}
        price: {css: '.price', regex: '([0-9.]+)', type: number}
        tags:
          css: '.tag'
          list: true
        link: {attr: href, type: url}
        when: {css: time, type: date, layout: '02/01/2006 15:04', zone: Europe/Berlin}
        stock: {css: '.stock', type: integer, default: '0'}
        offers:
          css: '.offer'
          list: true
          required: true
          fields:
            price: {css: i, type: number, decimal: ',', required: true}
            seller: {css: '.seller', fields: {name: {css: b}, since: {css: small, type: date}}}
    - name: page
      fields:
        title: {css: title}
`

// The rules of a job file come back from the effective job that a run directory keeps.
func TestRulesOfJobFile(t *testing.T) {
	t.Parallel()
	cfg, again := crawler.Default(), crawler.Default()
	if err := configs.Parse("job.yaml", []byte(rulesJob), map[string]any{"crawl": &cfg}); err != nil {
		t.Fatal(err)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	if len(cfg.Extract) != 2 || cfg.Extract[0].Fields["price"].Regex.String() != "([0-9.]+)" || cfg.Extract[1].Select != nil {
		t.Errorf("rules %+v", cfg.Extract)
	}
	var b bytes.Buffer
	sections := []configs.NamedSection{{Name: "crawl", Value: &cfg}}
	if err := errors.Join(configs.Check(sections), configs.Write(&b, sections)); err != nil {
		t.Fatal(err)
	}
	if err := configs.Parse("job.yaml", b.Bytes(), map[string]any{"crawl": &again}); err != nil {
		t.Fatalf("%v in\n%s", err, b.String())
	}
	offers := cfg.Extract[0].Fields["offers"]
	if p := offers.Fields["price"]; p.Decimal != "," || !p.Required || offers.Fields["seller"].Fields["since"].Type != extract.TypeDate {
		t.Errorf("items within items %+v", offers)
	}
	if diff := cmp.Diff(cfg.Extract, again.Extract, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("rules (-file +effective job):\n%s", diff)
	}
}

// What is wrong with rules is told with its line and column, all at once.
func TestBadRulesOfJobFile(t *testing.T) {
	t.Parallel()
	job := `crawl:
  extract:
    - name: ''
      match: '('
      select: 'a['
      fields:
        a: {css: '', regex: '[', type: money}
        b: {cs: x}
        c: {fields: {d: {csss: y}, e: {type: date, layout: dd/mm, zone: Mars, decimal: ';'}}}
`
	cfg := crawler.Default()
	err := configs.Parse("job.yaml", []byte(job), map[string]any{"crawl": &cfg})
	problems, ok := errors.AsType[configs.Error](err)
	if !ok {
		t.Fatalf("error %v", err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%d:%d %s", p.Line, p.Column, strings.TrimPrefix(p.Path, "crawl.extract[0].")))
	}
	want := []string{"3:13 name", "4:14 match", "5:15 select", "7:18 fields.a.css", "7:29 fields.a.regex", "7:40 fields.a.type", "8:13 fields.b.cs",
		"9:26 fields.c.fields.d.csss", "9:60 fields.c.fields.e.layout", "9:73 fields.c.fields.e.zone", "9:88 fields.c.fields.e.decimal"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s\n%v", diff, err)
	}
}
