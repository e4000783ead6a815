package crawler

import (
	"bytes"
	"slices"
	"strings"

	"tandem/internal/units"
)

// What a job holds of secrets is sent and kept nowhere: neither in the archive's
// request records nor in the job that the run directory and the archive keep.
// There they read ***, and references (env:NAME, file:PATH) stay what they are.

// plainName reports whether a header is known to carry no secret. What else is
// told to one origin alone is taken for one.
func plainName(name string) bool {
	switch strings.ToLower(name) {
	case "accept", "accept-language", "accept-encoding", "cache-control", "dnt", "from", "host", "pragma", "referer", "user-agent":
		return true
	}
	return false
}

// Masked is c as it may be written down: secrets that stand in it are masked,
// the names of secrets are not. It shares no list that differs with c.
func (c Config) Masked() Config {
	c.Route = c.Route.Masked()
	c.Headers = maskLines(c.Headers, units.SecretHeader)
	c.Origins = slices.Clone(c.Origins)
	for i := range c.Origins {
		o := &c.Origins[i]
		o.Password, o.Bearer = units.Mask(o.Password), units.Mask(o.Bearer)
		o.Headers = maskLines(o.Headers, func(name string) bool { return !plainName(name) })
	}
	return c
}

func maskLines(lines []string, secret func(name string) bool) []string {
	masked := slices.Clone(lines)
	for i, h := range masked {
		if name, value, err := splitHeader(h); err == nil && secret(name) {
			masked[i] = name + ": " + units.Mask(value)
		}
	}
	return masked
}

// mask is the head of a request as the archive keeps it. Where there is nothing
// to hide it is head itself.
func (id *identity) mask(head []byte) []byte {
	var out []byte
	kept := 0 // of head, up to here, is in out
	for at := 0; at < len(head); {
		end := bytes.IndexByte(head[at:], '\n') + 1
		if end == 0 {
			end = len(head) - at
		}
		line := head[at : at+end]
		if colon := bytes.IndexByte(line, ':'); colon > 0 && id.hides(line[:colon]) {
			out = append(out, head[kept:at+colon]...)
			out = append(out, ": "+units.Masked+"\r\n"...)
			kept = at + end
		}
		at += end
	}
	if kept == 0 {
		return head
	}
	return append(out, head[kept:]...)
}

// hides reports whether the archive does not keep the values of a header. It is
// asked for each line of each request.
func (id *identity) hides(name []byte) bool {
	for _, secret := range [...]string{"authorization", "proxy-authorization", "cookie"} {
		if len(name) == len(secret) && strings.EqualFold(string(name), secret) {
			return true
		}
	}
	return len(id.veiled) > 0 && id.veiled[strings.ToLower(string(name))]
}
