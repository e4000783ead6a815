package target

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// reader reads the value of a key into a spec.
type reader func(p *parser, s *spec, at *places, value []byte, here place) error

// vegetaKeys are those of vegeta's JSON format (its target.schema.json): header holds lists, body is base64.
func vegetaKeys() map[string]reader {
	return map[string]reader{"method": readMethod, "url": readURL, "header": readHeaders, "body": readBase64}
}

// ownKeys are those of our JSONL.
func ownKeys() map[string]reader {
	return map[string]reader{
		"method": readMethod, "url": readURL, "headers": readHeaders, "weight": readWeight, "name": readName,
		"check": readCheck, "body": readBody, "body_base64": readBase64, "body_file": readBodyFile,
	}
}

// readJSON reads one object a line.
func (p *parser) readJSON(keys map[string]reader) error {
	for !p.full() {
		line, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if text := bytes.TrimSpace(line); len(text) == 0 || text[0] == '#' {
			continue
		}
		if err := p.object(line, keys); err != nil {
			return err
		}
	}
	return nil
}

// object reads one target. The error ends the reading.
func (p *parser) object(line []byte, keys map[string]reader) error {
	var s spec
	var at places
	sound := len(p.list)
	err := walkObject(line, func(key string, offset int) (bool, error) {
		if keys[key] == nil {
			p.problems.add(place{p.n, offset + 1}, fmt.Errorf("unknown key %q; %s", key, advice(key, keys)))
		}
		return keys[key] != nil, nil
	}, func(key string, value []byte, offset int) error {
		here := place{p.n, offset + 1}
		if err := keys[key](p, &s, &at, value, here); err != nil {
			p.problems.add(here, fmt.Errorf("%s: %w", key, err))
		}
		return nil
	})
	if o, ok := errors.AsType[*offsetError](err); ok {
		p.problems.add(place{p.n, o.offset + 1}, o.err)
	}
	if len(p.list) > sound {
		return nil
	}
	if s.url == "" {
		p.problems.add(place{p.n, indent(line) + 1}, errors.New("no url"))
		return nil
	}
	return p.add(&s, &at)
}

// advice is what to do about an unknown key.
func advice(key string, keys map[string]reader) string {
	if key == "header" {
		return `vegeta's JSON has header, JSONL headers; want --targets-format json, or headers`
	}
	names := make([]string, 0, len(keys))
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names)
	return "want " + strings.Join(names, ", ")
}

func readMethod(_ *parser, s *spec, at *places, value []byte, here place) (err error) {
	at.method = here
	if s.method, err = textOf(value); err == nil && s.method == "" {
		err = errors.New("it is empty")
	}
	return err
}

func readURL(_ *parser, s *spec, at *places, value []byte, here place) (err error) {
	at.url = place{here.line, here.column + 1} // behind the quote
	s.url, err = textOf(value)
	if err == nil && s.url == "" {
		err = errors.New("it is empty")
	}
	return err
}

// readHeaders reads an object of texts or lists of texts.
func readHeaders(_ *parser, s *spec, at *places, value []byte, here place) error {
	return walkObject(value, func(string, int) (bool, error) { return true, nil }, func(name string, value []byte, offset int) error {
		values := []string{""}
		if value[0] == '[' {
			if err := json.Unmarshal(value, &values); err != nil {
				return fmt.Errorf("%q: want a text or a list of texts", name)
			}
		} else {
			var err error
			if values[0], err = textOf(value); err != nil {
				return fmt.Errorf("%q: want a text or a list of texts", name)
			}
		}
		for _, v := range values {
			s.header = append(s.header, [2]string{name, v})
			at.header = append(at.header, place{here.line, here.column + offset + 1}) // behind the quote
		}
		return nil
	})
}

func readWeight(_ *parser, s *spec, _ *places, value []byte, _ place) (err error) {
	s.weight, err = parseWeight(string(value))
	return err
}

func readName(_ *parser, s *spec, _ *places, value []byte, _ place) (err error) {
	s.name, err = textOf(value)
	return err
}

// readCheck reads a check or a list of them.
func readCheck(_ *parser, s *spec, _ *places, value []byte, _ place) error {
	list := []string{""}
	if value[0] == '[' {
		if err := json.Unmarshal(value, &list); err != nil {
			return errors.New("want a text or a list of texts")
		}
	} else {
		var err error
		if list[0], err = textOf(value); err != nil {
			return errors.New("want a text or a list of texts")
		}
	}
	for _, t := range list {
		c, err := ParseCheck(t)
		if err != nil {
			return err
		}
		s.checks = append(s.checks, &c)
	}
	return nil
}

func readBody(_ *parser, s *spec, at *places, value []byte, here place) error {
	body, err := textOf(value)
	return s.takeBody([]byte(body), false, err, at, here)
}

func readBase64(_ *parser, s *spec, at *places, value []byte, here place) error {
	coded, err := textOf(value)
	var body []byte
	if err == nil {
		if body, err = base64.StdEncoding.DecodeString(coded); err != nil {
			err = fmt.Errorf("want base64: %w", err)
		}
	}
	return s.takeBody(body, true, err, at, here)
}

func readBodyFile(p *parser, s *spec, at *places, value []byte, here place) error {
	path, err := textOf(value)
	var body []byte
	if err == nil {
		body, err = p.bodyFile(path)
	}
	return s.takeBody(body, true, err, at, here)
}

// takeBody sets the body, once.
func (s *spec) takeBody(body []byte, plain bool, err error, at *places, here place) error {
	if err == nil && s.own {
		return errors.New("a second body; want one of body, body_base64 and body_file")
	}
	s.body, s.own, s.plain = body, true, plain
	at.body = place{here.line, here.column + 1}
	return err
}
