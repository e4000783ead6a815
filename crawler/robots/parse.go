package robots

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

const (
	// maxFile is how much of a file is read.
	maxFile = 512 << 10
	// maxLine is how much of a line is read.
	maxLine = 16 << 10
	// maxSitemaps bounds the locations kept.
	maxSitemaps = 1000
	// maxDelay bounds what CrawlDelay returns.
	maxDelay = 24 * time.Hour
)

// field is the meaning of a line.
type field int

const (
	fieldOther field = iota
	fieldUserAgent
	fieldAllow
	fieldDisallow
	fieldSitemap
	fieldCrawlDelay
)

// Parse reads a robots.txt file for the crawler whose product token is agent, or the [Token] of whose User-Agent counts. Case does not
// matter, and neither does what stands behind the token in the file.
func Parse(b []byte, agent string) *Rules {
	p := parser{agent: Token(agent), at: 1}
	b = trimBOM(fromUTF16(b))
	if len(b) > maxFile {
		b = b[:maxFile]
		// The torn line goes: half of "Disallow: /private" would be "Disallow: /".
		b = b[:bytes.LastIndexAny(b, "\r\n")+1]
	}
	for len(b) > 0 {
		n := bytes.IndexAny(b, "\r\n")
		if n < 0 {
			n = len(b)
		}
		p.line(string(b[:min(n, maxLine)]))
		if !bytes.HasPrefix(b[n:], []byte("\r\n")) { // else its second half is still to come
			p.at++
		}
		b = b[min(n+1, len(b)):]
	}
	return p.rules()
}

// trimBOM drops a UTF-8 byte order mark, even half of one.
func trimBOM(b []byte) []byte {
	for _, c := range []byte("\xef\xbb\xbf") {
		if len(b) == 0 || b[0] != c {
			break
		}
		b = b[1:]
	}
	return b
}

// fromUTF16 recodes a file that begins with the byte order mark of UTF-16, which some editors call Unicode.
func fromUTF16(b []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return b
	}
	b = b[2:min(len(b), 2*maxFile+2)]
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// group collects what the groups for one kind of reader say.
type group struct {
	name  string // as the file spells it; "" if there is no such group
	list  []rule
	delay time.Duration
}

// parser follows the file line by line.
type parser struct {
	agent    string
	at       int   // number of the line, from 1
	mine     group // groups that name the agent
	anyone   group // groups for "*"
	inMine   bool  // the current group names the agent
	inAnyone bool  // the current group names "*"
	inRules  bool  // the current group's list of agents is complete
	sitemaps []string
}

func (p *parser) rules() *Rules {
	chosen := p.anyone
	if p.mine.name != "" {
		chosen = p.mine
	}
	r := &Rules{group: chosen.name, delay: chosen.delay, sitemaps: p.sitemaps}
	if len(chosen.list) > 0 {
		r.add(chosen.list)
	}
	return r
}

func (p *parser) line(text string) {
	key, value := split(text)
	switch f := fieldOf(key); f {
	case fieldUserAgent:
		p.userAgent(value)
	case fieldAllow, fieldDisallow:
		p.inRules = true
		if value != "" {
			p.rule(value, f == fieldAllow)
		}
	case fieldCrawlDelay:
		if d, ok := delay(value); ok {
			p.toGroups(func(g *group) { g.delay = max(g.delay, d) })
		}
	case fieldSitemap:
		if value != "" && len(p.sitemaps) < maxSitemaps {
			p.sitemaps = append(p.sitemaps, strings.Clone(value))
		}
	case fieldOther: // no field of ours; it does not end a group either
	}
}

// rule adds an Allow or Disallow to the current group.
func (p *parser) rule(value string, allow bool) {
	if !p.inMine && !p.inAnyone {
		return
	}
	r := rule{pattern: normalPattern(value), allow: allow, line: "Disallow: " + value, at: p.at}
	if allow {
		r.line = "Allow: " + value
	}
	p.toGroups(func(g *group) { g.list = append(g.list, r) })
	if folder, ok := indexPage(r.pattern); allow && ok {
		r.pattern = folder + "$"
		p.toGroups(func(g *group) { g.list = append(g.list, r) })
	}
}

// indexPage returns the folder of a pattern for its index page: who allows the one means the other, too.
func indexPage(pattern string) (folder string, ok bool) {
	pattern = strings.TrimSuffix(pattern, "$")
	i := strings.LastIndexByte(pattern, '/')
	if i < 0 || pattern[i:] != "/index.html" && pattern[i:] != "/index.htm" {
		return "", false
	}
	return pattern[:i+1], true
}

// toGroups applies one line to the kinds of group that the current one belongs to.
func (p *parser) toGroups(do func(*group)) {
	if p.inMine {
		do(&p.mine)
	}
	if p.inAnyone {
		do(&p.anyone)
	}
}

// userAgent opens a group or, when it follows directly on another one, adds a name to it.
func (p *parser) userAgent(value string) {
	if p.inRules {
		p.inMine, p.inAnyone, p.inRules = false, false, false
	}
	if value == "*" || strings.HasPrefix(value, "* ") || strings.HasPrefix(value, "*\t") {
		p.inAnyone, p.anyone.name = true, "*"
		return
	}
	if token := productToken(value); token != "" && strings.EqualFold(token, p.agent) {
		p.inMine, p.mine.name = true, strings.Clone(token)
	}
}

// productToken is the front of s that a product token may consist of: letters, '-' and '_'.
func productToken(s string) string {
	for i := 0; i < len(s); i++ {
		if l := s[i] | 0x20; (l < 'a' || l > 'z') && s[i] != '-' && s[i] != '_' {
			return s[:i]
		}
	}
	return s
}

// split takes "key: value # comment" apart. Where the colon is missing, a blank between two words
// does as well. A NUL ends the line.
func split(text string) (key, value string) {
	if i := strings.IndexAny(text, "#\x00"); i >= 0 {
		text = text[:i]
	}
	if key, value, ok := strings.Cut(text, ":"); ok {
		return strings.TrimSpace(key), strings.TrimSpace(value)
	}
	if words := strings.Fields(text); len(words) == 2 {
		return words[0], words[1]
	}
	return "", ""
}

// fieldOf knows the spellings that are common enough for search engines to accept them, whatever follows them.
func fieldOf(key string) field {
	const longest = len("user-agent")
	key = strings.ToLower(key[:min(len(key), longest+1)])
	begins := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(key, name) })
	}
	switch {
	case begins("user-agent", "useragent", "user agent"):
		return fieldUserAgent
	case begins("allow"):
		return fieldAllow
	case begins("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"):
		return fieldDisallow
	case begins("sitemap", "site-map"):
		return fieldSitemap
	case key == "crawl-delay", key == "crawldelay":
		return fieldCrawlDelay
	}
	return fieldOther
}

// delay reads seconds, which may have a fraction.
func delay(value string) (time.Duration, bool) {
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil || !(seconds >= 0) { // NaN is not
		return 0, false
	}
	return time.Duration(min(seconds, maxDelay.Seconds()) * float64(time.Second)), true
}
