package target

import (
	"fmt"
	"strings"
)

// template is what of a request is rendered for each send.
type template struct {
	uri    text // nil: the request's own
	header []headerText
	body   text // nil: the request's own
}

// headerText is the value of the request's header field number at.
type headerText struct {
	at    int
	value text
}

// text is literal parts and placeholders in turn.
type text []piece

type piece struct {
	literal string // kind is literal
	kind    kind
	column  int // of the feed
	escape  escape
}

type kind uint8

const (
	literal kind = iota
	column
	seq
	random
	uuid
)

// escape is how a value is written where it stands.
type escape uint8

const (
	asIs    escape = iota
	percent        // all but RFC 3986's unreserved bytes as %XX: right in a path and in a query
	jsonText
)

const (
	open  = "{{"
	shut  = "}}"
	known = "seq, random, uuid" // the placeholders that need no feed
)

// templateError is what is wrong with a placeholder, and where it begins in the text.
type templateError struct {
	offset int
	msg    string
}

// Error says what is wrong.
func (e *templateError) Error() string { return e.msg }

// isTemplate reports whether a text has placeholders.
func isTemplate(s string) bool { return strings.Contains(s, open) }

// parseText takes a text with placeholders apart. written is how values are written that do not say it themselves.
func parseText(s string, f *feed, written escape) (text, error) {
	var t text
	for at := 0; at < len(s); {
		i := strings.Index(s[at:], open)
		if i != 0 {
			if i < 0 {
				i = len(s) - at
			}
			t = append(t, piece{literal: s[at : at+i]})
			at += i
			continue
		}
		inner, _, closed := strings.Cut(s[at+len(open):], shut)
		if !closed {
			return nil, &templateError{at, `placeholder is not closed: want {{name}}`}
		}
		p, err := parsePlaceholder(inner, f, written)
		if err != nil {
			return nil, &templateError{at, err.Error()}
		}
		t = append(t, p)
		at += len(open) + len(inner) + len(shut)
	}
	return t, nil
}

// parsePlaceholder reads what stands between the braces: name or name|how.
func parsePlaceholder(inner string, f *feed, written escape) (piece, error) {
	name, how, said := strings.Cut(inner, "|")
	name, how = strings.TrimSpace(name), strings.TrimSpace(how)
	p := piece{escape: written}
	if said {
		switch how {
		case "raw":
			p.escape = asIs
		case "url":
			p.escape = percent
		case "json":
			p.escape = jsonText
		default:
			return p, fmt.Errorf("placeholder {{%s}}: %q is no way to write a value; want raw, url or json", printable(inner), how)
		}
	}
	switch name {
	case "seq":
		p.kind = seq
	case "random":
		p.kind = random
	case "uuid":
		p.kind = uuid
	default:
		p.kind, p.column = column, f.column(name)
		if p.column < 0 {
			return p, fmt.Errorf("placeholder {{%s}}: unknown name; %s", printable(inner), f.names())
		}
	}
	return p, nil
}

// printable is a text of the user's for an error, cut where it is long.
func printable(s string) string {
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	q := fmt.Sprintf("%q", s)
	return q[1 : len(q)-1]
}
