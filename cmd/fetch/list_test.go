package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"tandem/crawler"
)

// long is a line over the cap that is otherwise a URL.
var long = "http://h/" + strings.Repeat("x", maxListLine)

func TestReadList(t *testing.T) {
	t.Parallel()
	type columns = map[string]string
	rows := []struct {
		name     string
		file     string // the list's name; list.txt if empty
		format   string // auto if empty
		column   string // url, not named by the user, if empty
		text     string
		urls     []string
		columns  []columns // of the URLs; nil if none are expected
		problems []string  // parts, in their order
	}{
		{name: "text", text: "# mine\nhttp://a/\n\n  http://b/ \r\nhttps://c/x?y=z", urls: []string{"http://a/", "http://b/", "https://c/x?y=z"}},
		{name: "duplicates", text: "http://a/\nhttp://a/\n", urls: []string{"http://a/", "http://a/"}},
		{name: "bare hosts", text: "example.org/path\nlocalhost:8080/x\nexample.org\nexample.org/?u=a,b\n",
			urls: []string{"http://example.org/path", "http://localhost:8080/x", "http://example.org", "http://example.org/?u=a,b"}},
		{name: "a bare host with a comma first", text: "example.org/a,b\n", urls: []string{"http://example.org/a,b"}},
		{name: "wrapped", text: "<http://a/>\n\"http://b/\"\n", urls: []string{"http://a/", "http://b/"}},
		{name: "invalid", text: "http://a/\nnot a url\nmailto:a@b.example\nftp://x/\nhttp://u:p@h/\n\nhttp://b/\n", urls: []string{"http://a/", "http://b/"},
			problems: []string{`line 2: "not a url" is no URL`, "line 3", "line 4", "line 5"}},
		{name: "long line", text: "http://a/\n" + long + "\nhttp://b/\n" + long, urls: []string{"http://a/", "http://b/"},
			problems: []string{"line 2: it is longer than 1.0 MiB", "line 4: it is longer"}},
		{name: "byte order mark", text: "\xef\xbb\xbfhttp://a/\n", urls: []string{"http://a/"}},
		{name: "UTF-16 LE", text: utf16Text(binary.LittleEndian, "http://a/\r\nhttp://b/ä😀\r\n"), urls: []string{"http://a/", "http://b/ä😀"}},
		{name: "UTF-16 BE", text: utf16Text(binary.BigEndian, "url\tn\nhttp://b/\t😀\n"), urls: []string{"http://b/"}, columns: []columns{{"n": "😀"}}},
		{name: "UTF-16 of an odd length", text: utf16Text(binary.LittleEndian, "http://a/\nhttp://b/\n") + "x", urls: []string{"http://a/", "http://b/"},
			problems: []string{"line 3"}},
		{name: "long UTF-16", text: utf16Text(binary.LittleEndian, strings.Repeat("http://a/ä\n", 50_000)), urls: many("http://a/ä", 50_000)},

		{name: "CSV", file: "l.csv", text: "id,url,label\n7,http://a/,\"one, first\"\n8,b/c,two\n", urls: []string{"http://a/", "http://b/c"},
			columns: []columns{{"id": "7", "label": "one, first"}, {"id": "8", "label": "two"}}},
		{name: "CSV in .txt", text: "id,url\n7,http://a/\n", urls: []string{"http://a/"}, columns: []columns{{"id": "7"}}},
		{name: "CSV without an ending", file: "list", text: "URL\nhttp://a/\n", urls: []string{"http://a/"}},
		{name: "CSV by its column", file: "list.dat", column: "link", text: "link\nhttp://a/\n", urls: []string{"http://a/"}},
		{name: "CSV by its column, with a URL in the header", column: "link", text: "link,http://x/\nhttp://a/,1\n", urls: []string{"http://a/"},
			columns: []columns{{"http://x/": "1"}}},
		{name: "semicolons", file: "l.csv", text: "id;url;a,b\n1;http://a/;2,5\n", urls: []string{"http://a/"}, columns: []columns{{"id": "1", "a,b": "2,5"}}},
		{name: "tabs", file: "l.tsv", text: "id\turl\n1\thttp://a/\n", urls: []string{"http://a/"}, columns: []columns{{"id": "1"}}},
		{name: "tabs in .txt", text: "id\tURL\n1\thttp://a/\n", urls: []string{"http://a/"}, columns: []columns{{"id": "1"}}},
		{name: "cells of several lines", file: "l.csv", text: "url,note\nhttp://a/,\"x\n\n\"\"y\"\"\"\nhttp://b/,z\n", urls: []string{"http://a/", "http://b/"},
			columns: []columns{{"note": "x\n\n\"y\""}, {"note": "z"}}},
		{name: "rows without a URL", file: "l.csv", text: "id,url\n1\n2,\n,\n3,http://a/\n", urls: []string{"http://a/"}, columns: []columns{{"id": "3"}},
			problems: []string{`line 2: no text under "url"`, `line 3: no text under "url"`}},
		{name: "an open quote", file: "l.csv", text: "url,note\nhttp://a/,\"open\nhttp://b/,fine\nhttp://c/,5\" nail\nhttp://d/,fine\n",
			urls: []string{"http://b/", "http://d/"}, columns: []columns{{"note": "fine"}, {"note": "fine"}},
			problems: []string{"line 2: it is no CSV row", "line 4: it is no CSV row"}},
		{name: "a long row", file: "l.csv", text: "url,note\nhttp://a/," + long + "\nhttp://b/,x\n", urls: []string{"http://b/"},
			columns: []columns{{"note": "x"}}, problems: []string{"line 2: it is longer"}},
		{name: "an open quote before a long line", file: "l.csv", text: "url\n\"http://a/\n" + long + "\nhttp://b/\n", urls: []string{"http://b/"},
			problems: []string{"line 2: it is no CSV row", "line 3: it is longer"}},

		{name: "JSONL", file: "l.jsonl", text: `{"url":"http://a/","n":12345678901234567890,"t":"x","l":[1]}` + "\n", urls: []string{"http://a/"},
			columns: []columns{{"n": "12345678901234567890", "t": "x", "l": "[1]"}}},
		{name: "JSONL in .txt", text: "\n  {\"url\":\"http://a/\"}\n", urls: []string{"http://a/"}},
		{name: "JSONL by its column", file: "list.dat", column: "u", text: `{"u":"http://a/"}`, urls: []string{"http://a/"}},
		{name: "JSONL with broken lines", file: "l.ndjson", text: "{\"url\":\"http://a/\"}\n{\n{\"url\":3}\n{} {}\nnull\n{\"url\":\"b/\"}\n", urls: []string{"http://a/", "http://b/"},
			problems: []string{"line 2: it is no JSON object", `line 3: no text under "url"`, "line 4: it is no JSON object: something follows", "line 5: no text"}},

		{name: "text on request", file: "l.csv", format: "text", text: "http://a/,x\n", urls: []string{"http://a/,x"}},
		{name: "text on request beats the column", format: "text", column: "u", text: "http://a/\n", urls: []string{"http://a/"}},
		{name: "CSV on request", format: "csv", text: "url\nhttp://a/\n", urls: []string{"http://a/"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			l, err := readTest(t, row.file, row.format, row.column, row.text)
			if err != nil {
				t.Fatal(err)
			}
			got := urlList{problems: l.problems}
			var cols []columns
			for _, e := range l.entries {
				if !invalid(e) {
					got.entries = append(got.entries, e)
					cols = append(cols, e.Columns)
				}
			}
			if diff := cmp.Diff(row.urls, urlsOf(got.entries)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(row.columns, cols); row.columns != nil && diff != "" {
				t.Error(diff)
			}
			if len(l.entries)-len(got.entries) != len(row.problems) || l.invalid != len(row.problems) || len(l.problems) != len(row.problems) {
				t.Fatalf("%d entries, %d of them URLs, %d invalid; problems %q", len(l.entries), len(got.entries), l.invalid, l.problems)
			}
			for i, p := range row.problems {
				if !strings.Contains(l.problems[i], p) {
					t.Errorf("problem %q, want %q", l.problems[i], p)
				}
			}
		})
	}
}

func TestReadListRefuses(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name, file, format, column, text string
		want                             []string
	}{
		{name: "empty", want: []string{"it names no URL"}},
		{name: "empty CSV", file: "l.csv", want: []string{"it names no URL"}},
		{name: "comments", text: "# a\n#b", want: []string{"it names no URL"}},
		{name: "header alone", file: "l.csv", text: "url\n", want: []string{"it names no URL"}},
		{name: "no column", file: "l.csv", text: "id;link\n", want: []string{`no column "url"`, "id, link", "--url-column", "--input text"}},
		{name: "column of a text", column: "link", text: "http://a/\n", want: []string{`no column "link"`, "--input text"}},
		{name: "long header", file: "l.csv", text: long, want: []string{"header line", "too long"}},
		{name: "all invalid", text: "a b\nc d\ne f\ng h\ni j\nk l\nm n\n", want: []string{"names no URL", `line 1: "a b"`, "line 5", "and 2 more"}},
		{name: "other format", format: "xml", text: "x", want: []string{"want auto, text, csv or jsonl"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			_, err := readTest(t, row.file, row.format, row.column, row.text)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range append(row.want, "read list") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in %q", want, err)
				}
			}
		})
	}
}

func TestListWarnings(t *testing.T) {
	t.Parallel()
	l, err := readTest(t, "", "", "", "http://a/\n"+strings.Repeat("a \x1b[31m b\n", 1007))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	l.warn(&b, "fetch")
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != maxProblems+1 || !strings.HasPrefix(lines[0], "fetch: warning: line 2: ") || strings.Contains(b.String(), "\x1b") ||
		lines[maxProblems] != "fetch: warning: 1,002 more lines of the list are no URL" {
		t.Errorf("%q", lines)
	}
}

func readTest(t *testing.T, file, format, column, text string) (*urlList, error) {
	t.Helper()
	s := listSource{name: "-", format: "auto", column: "url"}
	if format != "" {
		s.format = format
	}
	if column != "" {
		s.column, s.named = column, true
	}
	if file == "" {
		file = "list.txt"
	}
	s.name = filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(s.name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return s.read(nil)
}

// invalid reports whether the crawler will count e as invalid_url.
func invalid(e crawler.Entry) bool {
	l := urlList{}
	l.add(1, e.URL, nil)
	return l.invalid > 0 || e.URL == ""
}

func urlsOf(entries []crawler.Entry) []string {
	var urls []string
	for _, e := range entries {
		urls = append(urls, e.URL)
	}
	return urls
}

func many(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

func utf16Text(order binary.ByteOrder, text string) string {
	var b bytes.Buffer
	for _, u := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
		_ = binary.Write(&b, order, u) // a buffer takes everything
	}
	return b.String()
}
