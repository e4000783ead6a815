package extract

import (
	"bufio"
	"bytes"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"tandem/crawler/weburl"
)

// What one sitemap file may hold (sitemaps.org). What is beyond is left out.
const (
	MaxSitemapURLs  = 50_000
	MaxSitemapBytes = 50 << 20 // uncompressed
)

// SitemapKind is what a sitemap file is. The body decides, not its name or type.
type SitemapKind string

// The kinds of sitemaps.
const (
	NoSitemap    SitemapKind = ""       // something else: a page, an image, nothing at all
	URLSet       SitemapKind = "urlset" // pages
	SitemapIndex SitemapKind = "index"  // other sitemaps
	FeedSitemap  SitemapKind = "feed"   // RSS 2.0, RSS 1.0 or Atom
	TextSitemap  SitemapKind = "text"   // a URL a line
)

// SitemapResult is what Sitemap found in one file.
type SitemapResult struct {
	Kind    SitemapKind
	Links   []Link // each URL once, in the order of the file: sitemaps if it is an index, else pages
	Invalid int    // entries that are no valid URL
	Capped  bool   // a limit was reached and entries were left out
	Damaged bool   // the file ends too early or its compression is broken; Links has what came before
}

// Sitemap reads a sitemap: XML (https://www.sitemaps.org/protocol.html), a sitemap index, a feed or text; as it is or as
// gzip, which the bytes tell. It was fetched from fileURL and is content-decoded already. contentType is the value of the
// Content-Type header; only its charset counts.
//
// The file is read as a stream and costs little memory beside its links: an uncompressed size of at most MaxSitemapBytes and
// MaxSitemapURLs entries count. No entity is resolved but the five of XML and numeric ones, nothing external is
// looked at, and depth costs nothing. Dates, priorities, alternates, images and videos are not read.
// Safe for concurrent use.
func Sitemap(fileURL weburl.URL, contentType string, body []byte) SitemapResult {
	return sitemap(fileURL, contentType, body, MaxSitemapURLs, MaxSitemapBytes)
}

// SniffSitemap tells what kind of sitemap a file is from its beginning: 64 KiB are plenty. Text counts only where text is true; a page may
// well begin with a URL.
func SniffSitemap(contentType string, head []byte, text bool) SitemapKind {
	f := openSitemap(contentType, head, MaxSitemapBytes)
	if f.isXML() {
		return f.root(newXMLStream(f.r, f.label))
	}
	if text && f.isText() {
		return TextSitemap
	}
	return NoSitemap
}

func sitemap(fileURL weburl.URL, contentType string, body []byte, maxURLs int, maxBytes int64) SitemapResult {
	f := openSitemap(contentType, body, maxBytes)
	var c collector
	c.start(fileURL, Limits{MaxLinks: maxURLs, MaxAttr: maxXMLValue, MaxBytes: DefaultLimits().MaxBytes})
	res := SitemapResult{}
	whole := true
	switch {
	case f.isXML():
		s := newXMLStream(f.r, f.label)
		switch res.Kind = f.root(s); res.Kind {
		case URLSet, SitemapIndex:
			whole = readLocs(s, &c)
		case FeedSitemap:
			whole = readFeed(s, &c)
		}
	case f.isText():
		res.Kind = TextSitemap
		readLines(f, &c)
	}
	found := c.finish()
	res.Links, res.Invalid = found.Links, found.Invalid
	res.Capped = found.Truncated || f.limited.capped
	res.Damaged = !res.Capped && (!whole || f.limited.err != nil)
	return res
}

// sitemapFile is an opened file: uncompressed, capped, in a charset where ASCII is ASCII.
type sitemapFile struct {
	r       *bufio.Reader
	limited *limitReader
	label   string // of the charset in the header
}

// sniffed is how far into a file the first tag or line may begin.
const sniffed = 4 << 10

func openSitemap(contentType string, body []byte, maxBytes int64) sitemapFile {
	_, label := splitContentType(contentType)
	var r io.Reader = bytes.NewReader(body)
	if isGzip(body) {
		if z, err := gzip.NewReader(r); err == nil {
			r = z
		} else {
			r = &brokenReader{err}
		}
	}
	limited := &limitReader{r: r, left: maxBytes}
	f := sitemapFile{r: bufio.NewReaderSize(limited, sniffed), limited: limited, label: label}
	head, _ := f.r.Peek(4) // a short file gives less
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = f.r.Discard(3) // they were peeked
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}), bytes.HasPrefix(head, []byte{0, '<'}), bytes.HasPrefix(head, []byte{0, 'h'}):
		f.wide(unicode.BigEndian)
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{'<', 0}), bytes.HasPrefix(head, []byte{'h', 0}):
		f.wide(unicode.LittleEndian)
	}
	return f
}

// isGzip recognises the magic bytes and the only method there is (RFC 1952, section 2.3.1).
func isGzip(b []byte) bool { return bytes.HasPrefix(b, []byte{0x1f, 0x8b, 8}) }

// wide reads on as UTF-16.
func (f *sitemapFile) wide(order unicode.Endianness) {
	dec := unicode.UTF16(order, unicode.UseBOM).NewDecoder()
	f.r = bufio.NewReaderSize(transform.NewReader(f.r, dec), sniffed)
	f.label = "utf-8"
}

// start is the beginning of the file behind blanks.
func (f *sitemapFile) start() []byte {
	head, _ := f.r.Peek(sniffed)
	return bytes.TrimLeft(head, " \t\r\n\f")
}

func (f *sitemapFile) isXML() bool { return bytes.HasPrefix(f.start(), []byte("<")) }

// isText reports whether the file begins with an absolute URL.
func (f *sitemapFile) isText() bool {
	line, _, _ := bytes.Cut(f.start(), []byte("\n"))
	return isAbsolute(bytes.TrimSpace(line))
}

func isAbsolute(line []byte) bool {
	for _, scheme := range [...]string{"http://", "https://"} {
		if len(line) > len(scheme) && strings.EqualFold(string(line[:len(scheme)]), scheme) {
			return bytes.IndexAny(line, " \t<>\"") < 0
		}
	}
	return false
}

// root reads up to and including the first tag and tells what it makes of the file. It leaves that tag in s.tag.
func (f *sitemapFile) root(s *xmlStream) SitemapKind {
	if s.label == "" {
		s.label = xmlCharset(f.start())
	}
	if !s.next() || s.tag.end {
		return NoSitemap
	}
	switch s.tag.name {
	case "urlset":
		return URLSet
	case "sitemapindex":
		return SitemapIndex
	case "rss", "feed", "rdf":
		return FeedSitemap
	}
	return NoSitemap
}

// xmlCharset is the encoding that an XML declaration names.
func xmlCharset(head []byte) string {
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	declaration, _, _ := bytes.Cut(head, []byte("?>"))
	_, rest, ok := bytes.Cut(declaration, []byte("encoding"))
	if !ok {
		return ""
	}
	rest = bytes.TrimLeft(rest, " \t\r\n=")
	if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	label, _, _ := bytes.Cut(rest[1:], rest[:1])
	return strings.ToLower(string(label[:min(len(label), maxXMLName)]))
}

// readLocs adds what stands in the <loc> elements of the root's own namespace: those of images and videos have a prefix of
// theirs. It reports whether the file came to its end.
func readLocs(s *xmlStream, c *collector) (whole bool) {
	prefix, root := s.tag.prefix, s.tag.name
	if s.tag.empty {
		return true
	}
	inLoc := false
	for !c.full() && s.next() {
		if s.tag.prefix != prefix {
			continue
		}
		switch {
		case s.tag.name == root && s.tag.end:
			return true
		case s.tag.name == "loc" && s.tag.end && inLoc:
			inLoc = false
			c.entry(s.takeText())
		case s.tag.name == "loc" && !s.tag.end:
			inLoc = true
			s.keepText(true)
		}
	}
	return false
}

// entry adds an entry of a sitemap if it is not too long to be a URL.
func (c *collector) entry(ref []byte, fits bool) {
	if fits {
		c.add(ref, mention{})
		return
	}
	c.invalid()
}

// invalid counts an entry that is no URL. A file of nothing else comes to an end, too.
func (c *collector) invalid() {
	c.result.Invalid++
	c.result.Truncated = c.full() || c.result.Invalid > 4*c.limits.MaxLinks
}

// readLines adds the URLs of a text sitemap, one a line.
func readLines(f sitemapFile, c *collector) {
	s := newXMLStream(f.r, f.label) // for its buffer and its charset
	for !c.full() {
		s.keepText(true)
		more := s.until('\n', s.collect)
		line, fits := s.takeText()
		line = bytes.TrimSpace(line)
		switch {
		case isAbsolute(line):
			c.add(line, mention{})
		case !fits || len(line) > 0:
			c.invalid()
		}
		if !more {
			return
		}
		s.pos++
	}
}

// limitReader ends after left bytes and remembers why it ended.
type limitReader struct {
	r      io.Reader
	left   int64
	capped bool
	err    error // other than io.EOF
}

// Read implements io.Reader.
func (l *limitReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		var one [1]byte
		if n, _ := io.ReadFull(l.r, one[:]); n > 0 { // exactly as long as allowed is whole
			l.capped = true
		}
		return 0, io.EOF
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	if err != nil && err != io.EOF {
		l.err = err
	}
	return n, err
}

// brokenReader is a file that cannot be read at all.
type brokenReader struct{ err error }

// Read implements io.Reader.
func (b *brokenReader) Read([]byte) (int, error) { return 0, b.err }
