package target

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readHTTP reads vegeta's HTTP format, and lines that are URLs alone:
//
//	# a comment
//	POST http://host/things
//	X-Account: 99
//	@body.json
//
//	http://host/plain
//
// An empty line, or the next METHOD URL line, ends a target.
func (p *parser) readHTTP() error {
	var s *spec
	var at places
	bad := false // a line of the target was refused: the rest is looked at, but nothing is built
	flush := func() error {
		if s == nil || bad {
			s, bad = nil, false
			return nil
		}
		err := p.add(s, &at)
		s = nil
		return err
	}
	for !p.full() {
		line, err := p.next()
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err != nil {
			return err
		}
		text := string(bytes.TrimSpace(line))
		here := place{p.n, indent(line) + 1}
		switch {
		case text == "":
			err = flush()
		case text[0] == '#':
		case s == nil || startsTarget(text):
			if err = flush(); err != nil {
				return err
			}
			at = places{}
			if s, err = firstLine(text, here, &at); err != nil {
				p.problems.add(here, err)
				s, bad, err = &spec{}, true, nil
			}
		default:
			if err := p.furtherLine(s, text, here, &at); err != nil {
				p.problems.add(here, err)
				bad = true
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// startsTarget reports whether a line within a target is the first of the next one: a URL, or a method and a URL. No header field has
// a blank before its colon (RFC 9112 section 5.1).
func startsTarget(text string) bool {
	method, rest, _ := strings.Cut(text, " ")
	return isURL(text) || isURL(strings.TrimLeft(rest, " \t")) && !strings.Contains(method, ":") && !strings.HasPrefix(method, "@")
}

func isURL(s string) bool {
	scheme, _, ok := strings.Cut(s, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

// firstLine reads METHOD URL, or a URL. Its errors, like those of furtherLine, do not quote the line: it may hold a secret.
func firstLine(text string, here place, at *places) (*spec, error) {
	if isURL(text) {
		if strings.ContainsAny(text, " \t") {
			return nil, errors.New("a blank in a URL; want one URL, or a method and a URL, a line")
		}
		at.url = here
		return &spec{url: text}, nil
	}
	end := strings.IndexAny(text, " \t")
	if end < 0 {
		return nil, errors.New("want a method and a URL, as GET http://127.0.0.1:8080/, or a URL")
	}
	method, url := text[:end], strings.TrimLeft(text[end:], " \t")
	if strings.HasSuffix(method, ":") {
		return nil, errors.New("a header field without a target; want a method and a URL first")
	}
	if method != strings.ToUpper(method) {
		return nil, fmt.Errorf("method %q: want capital letters, as GET", printable(method))
	}
	if strings.ContainsAny(url, " \t") {
		return nil, errors.New("a blank in a URL; want a method and a URL, a line")
	}
	at.method, at.url = here, place{here.line, here.column + len(text) - len(url)}
	return &spec{method: method, url: url}, nil
}

// furtherLine reads a header field or the name of a body's file.
func (p *parser) furtherLine(s *spec, text string, here place, at *places) error {
	if path, ok := strings.CutPrefix(text, "@"); ok {
		if s.own {
			return errors.New("a second body; want one @file")
		}
		body, err := p.bodyFile(path)
		if err != nil {
			return err
		}
		s.body, s.own, s.plain, at.body = body, true, true, here
		return nil
	}
	name, value, ok := strings.Cut(text, ":")
	if !ok {
		return errors.New("want a header field as Name: value, a body as @file, or an empty line before the next target")
	}
	value = strings.TrimLeft(value, " \t")
	s.header = append(s.header, [2]string{strings.TrimRight(name, " \t"), value})
	at.header = append(at.header, place{here.line, here.column + len(text) - len(value)})
	return nil
}
