package compare

import (
	"fmt"
	"io"
	"strings"

	"tandem/internal/units"
)

// Markdown prints r for a comment on a change: GitHub-flavoured Markdown, in which nothing that came from the runs acts as markup.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### Load comparison: %s\n\n%s\n\n", r.Verdict, plain(r.Conclusion))
	fmt.Fprintf(&b, "A: %s (%s) · B: %s (%s)\n\n", code(r.A.Name), r.A.About(), code(r.B.Name), r.B.About())
	b.WriteString("| metric | A | B | change | interval | verdict |\n|---|---:|---:|---:|---:|---|\n")
	shown := r.Shown()
	for i := range shown {
		m := &shown[i]
		name, verdict := m.Name, string(m.Verdict)
		if m.Gate {
			name, verdict = "**"+name+"**", "**"+verdict+"**"
		}
		if m.Reason != "" {
			verdict += ": " + plain(m.Reason)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", name, m.FormatValue(m.A), m.FormatValue(m.B), m.FormatChange(), m.FormatInterval(), verdict)
	}
	fmt.Fprintf(&b, "\nBold metrics decide. %s.\n", plain(r.Head()))
	if len(r.Warnings) > 0 {
		b.WriteString("\n")
	}
	for _, text := range r.Warnings {
		fmt.Fprintf(&b, "- ⚠ %s\n", plain(text))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// About says what a run was, in a few words.
func (r *Run) About() string {
	shape := fmt.Sprintf("%s loop, %d connections", units.Escape(r.Loop), r.Connections)
	if r.Rate > 0 {
		shape = fmt.Sprintf("%s loop at %s/s, %d connections", units.Escape(r.Loop), number(r.Rate), r.Connections)
	}
	return fmt.Sprintf("%s, %s requests in %s s", shape, units.FormatCount(r.Completed+r.Failed), significant(r.Duration))
}

// plain escapes what Markdown or HTML would act on.
func plain(s string) string {
	var b strings.Builder
	for _, c := range units.Escape(s) {
		switch {
		case c == '<':
			b.WriteString("&lt;")
		case c == '>':
			b.WriteString("&gt;")
		case c == '&':
			b.WriteString("&amp;")
		case c == '@': // mentions nobody
			b.WriteString("@\u200b")
		case strings.ContainsRune("\\`*_[]|#~!", c):
			b.WriteRune('\\')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	return strings.ReplaceAll(strings.ReplaceAll(b.String(), "http://", "http:\\//"), "https://", "https:\\//")
}

// code prints s as it is, in code.
func code(s string) string {
	return "`" + strings.NewReplacer("`", "'", "|", "¦").Replace(units.Escape(s)) + "`"
}
