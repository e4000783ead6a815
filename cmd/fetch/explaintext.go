package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"

	"tandem/crawler"
	"tandem/internal/report"
)

// explainJSON prints an explanation as one line. What a terminal would obey or
// hide is written as \u escapes, which mean the same to a program.
func explainJSON(w io.Writer, x *crawler.Explanation) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(x); err != nil {
		return fmt.Errorf("explain %q: %w", x.URL, err)
	}
	var out bytes.Buffer
	for _, r := range b.String() {
		switch {
		case r < 0x7f || !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			out.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&out, `\u%04x`, r)
		default:
			high, low := (r-0x10000)>>10+0xd800, (r-0x10000)&0x3ff+0xdc00
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		}
	}
	_, err := out.WriteTo(w)
	return err
}

// explainTable prints an explanation for people. The table escapes what came
// from outside.
func explainTable(w io.Writer, x *crawler.Explanation) error {
	verdict := "would be fetched"
	if !x.Allowed {
		verdict = "would not be fetched"
	}
	t := &report.Table{Title: verdict + ": " + shorten(x.URL, 500), Width: 100}
	for i := range x.Checks {
		c := &x.Checks[i]
		mark := "ok"
		switch {
		case !c.OK:
			mark = "NO"
		case !c.Checked:
			mark = "–"
		}
		t.Add(c.Name, mark, shorten(c.Reason, 1000))
	}
	if err := t.Render(w); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// shorten cuts a text for people at about n bytes.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return fmt.Sprintf("%s… (%d bytes)", s[:n], len(s))
}
