package target

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tandem/internal/units"
)

// Check is a condition that an answer must keep, such as "status=2xx" or "body~<title>". It is a flag value and a text of job files. The
// zero value is no check. It is immutable once set.
type Check struct {
	text    string
	subject subject
	name    string   // of a header field
	path    []string // into a JSON body
	op      string
	number  int64 // a status, its first digit for a class, or bytes
	class   bool
	value   string
	re      *regexp.Regexp
}

type subject uint8

const (
	onStatus subject = iota
	onHeader
	onBody
	onSize
	onJSON
)

const wantCheck = "want SUBJECT OPERATOR VALUE, as status=200, status=2xx, header.content-type~json, body*=text, body~regex, body.size<100KB or body.json:path.to.key=value"

// operators by length, so that the longest that fits is found first.
func operators() []string { return []string{"!=", "!~", "*=", "<=", ">=", "=", "~", "<", ">"} }

// ParseCheck reads a check. The error names the text and what is wanted.
func ParseCheck(s string) (Check, error) {
	c := Check{text: strings.TrimSpace(s)}
	end := 0
	for end < len(c.text) && subjectByte(c.text[end]) {
		end++
	}
	subject, rest := c.text[:end], strings.TrimLeft(c.text[end:], " ")
	for _, op := range operators() {
		if strings.HasPrefix(rest, op) {
			c.op, c.value = op, strings.TrimSpace(rest[len(op):])
			break
		}
	}
	if c.op == "" || subject == "" {
		return Check{}, fmt.Errorf("check %q: %s", s, wantCheck)
	}
	if err := c.parse(subject); err != nil {
		return Check{}, fmt.Errorf("check %q: %w", s, err)
	}
	return c, nil
}

func subjectByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '.' || b == '-' || b == '_' || b == ':'
}

// parse reads what op and value mean for a subject.
func (c *Check) parse(subject string) error {
	kind, rest, _ := strings.Cut(subject, ".")
	switch {
	case subject == "status":
		c.subject = onStatus
		return c.parseStatus()
	case kind == "header" && rest != "" && !strings.Contains(rest, ":"):
		c.subject, c.name = onHeader, strings.ToLower(rest)
	case subject == "body":
		c.subject = onBody
	case subject == "body.size":
		c.subject = onSize
		return c.parseSize()
	case strings.HasPrefix(subject, "body.json:") && len(subject) > len("body.json:"):
		c.subject, c.path = onJSON, strings.Split(strings.TrimPrefix(subject, "body.json:"), ".")
	default:
		return fmt.Errorf("%q cannot be checked; want status, header.NAME, body, body.size or body.json:PATH", subject)
	}
	return c.parseText()
}

func (c *Check) parseText() (err error) {
	switch c.op {
	case "<", "<=", ">", ">=":
		return fmt.Errorf("%s compares numbers; want =, !=, ~, !~ or *=", c.op)
	case "~", "!~":
		pattern, err := units.ParsePattern(c.value)
		if err != nil {
			return err
		}
		c.re, err = regexp.Compile(pattern.String())
		return err
	case "*=":
		if c.value == "" {
			return errors.New("everything contains the empty text; name one")
		}
	}
	return nil
}

func (c *Check) parseStatus() error {
	if class, ok := strings.CutSuffix(strings.ToLower(c.value), "xx"); ok && len(class) == 1 && class >= "1" && class <= "5" {
		if c.op != "=" && c.op != "!=" {
			return fmt.Errorf("a class of statuses has no %s; want = or !=", c.op)
		}
		c.class, c.number = true, int64(class[0]-'0')
		return nil
	}
	n, err := strconv.Atoi(c.value)
	if err != nil || n < 100 || n > 999 {
		return fmt.Errorf("status %q: want a number such as 200, or a class such as 2xx", c.value)
	}
	c.number = int64(n)
	return c.numeric()
}

func (c *Check) parseSize() error {
	size, err := units.ParseSize(c.value)
	if err != nil {
		return err
	}
	c.number = size.Int64()
	return c.numeric()
}

func (c *Check) numeric() error {
	if strings.ContainsAny(c.op, "~*") {
		return fmt.Errorf("%s compares texts; want =, !=, <, <=, > or >=", c.op)
	}
	return nil
}

func (c *Check) needsHead() bool {
	return c.subject == onHeader || c.subject == onBody || c.subject == onJSON
}

func (c *Check) needsBody() bool {
	return c.subject == onBody || c.subject == onSize || c.subject == onJSON
}

// String returns the text that the check was read from.
func (c Check) String() string { return c.text }

// Set parses text into c; it makes *Check a command line value.
func (c *Check) Set(text string) error {
	v, err := ParseCheck(text)
	if err == nil {
		*c = v
	}
	return err
}

// Type names the kind of value in the help of a command.
func (c Check) Type() string { return "CHECK" }

// MarshalText returns String.
func (c Check) MarshalText() ([]byte, error) { return []byte(c.text), nil }

// UnmarshalText is Set.
func (c *Check) UnmarshalText(text []byte) error { return c.Set(string(text)) }
