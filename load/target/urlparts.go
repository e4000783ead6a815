package target

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"

	"tandem/internal/transport"
)

// takeURL reads the URL. Its host is known before the run, placeholders stand behind it.
func (b *builder) takeURL(g *target, t *template, s *spec) error {
	host, rest := splitURL(s.url)
	if s.found || !isTemplate(s.url) {
		host, rest = s.url, ""
	}
	if isTemplate(host) && !s.found {
		return &templateError{strings.Index(host, open), "a placeholder in the scheme, host or port: which address is reached has to be known, and checked, before the run"}
	}
	parsed, err := transport.ParseTarget(host)
	if err != nil {
		return err
	}
	g.req.Target = parsed
	if rest == "" {
		return nil
	}
	rest, _, _ = strings.Cut(rest, "#")
	before := len(host)
	if rest == "" || rest[0] != '/' {
		rest = "/" + rest
		before--
	}
	if t.uri, err = parseText(rest, b.set.feed, percent); err != nil {
		if te, ok := errors.AsType[*templateError](err); ok {
			te.offset += before
		}
		return err
	}
	for i := range t.uri {
		if p := &t.uri[i]; p.kind == literal {
			p.literal = quoteURI(p.literal)
		}
	}
	if b.set.feed != nil {
		b.set.feed.keep(t.uri, "a URL", notInURI)
	}
	g.req.Target.URI = quoteURI(rest)
	return nil
}

// splitURL parts a URL before its path, query or fragment.
func splitURL(raw string) (host, rest string) {
	from := 0
	if i := strings.Index(raw, "://"); i >= 0 {
		from = i + len("://")
	}
	if i := strings.IndexAny(raw[from:], "/?#"); i >= 0 {
		return raw[:from+i], raw[from+i:]
	}
	return raw, ""
}

// quoteURI percent-encodes what cannot stand in a request target as it is.
func quoteURI(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`", c) >= 0 {
			b.Write([]byte{'%', upperHex[c>>4], upperHex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// takeUserinfo turns user:password@ of a URL into the header field that it stands for (RFC 7617), as vegeta does. value is "" if
// the URL has none.
func takeUserinfo(raw string) (rest, value string) {
	host, _ := splitURL(raw)
	from := strings.Index(host, "://") + len("://")
	end := strings.LastIndexByte(host, '@')
	if from < len("://") || end < from {
		return raw, ""
	}
	user, password, _ := strings.Cut(host[from:end], ":")
	plain := func(s string) string {
		if p, err := url.PathUnescape(s); err == nil {
			return p
		}
		return s
	}
	return raw[:from] + raw[end+1:], "Basic " + base64.StdEncoding.EncodeToString([]byte(plain(user)+":"+plain(password)))
}
