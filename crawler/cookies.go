package crawler

import (
	"container/list"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"

	"tandem/crawler/weburl"
)

// The values of Config.Cookies.
const (
	CookiesOn  = "on"
	CookiesOff = "off"
)

// The limits of a jar. RFC 6265 (section 6.1) asks for 50 cookies a domain of
// 4096 bytes each at least. Where a limit is reached, new cookies are refused
// and known ones can still change, so that a flood drives nothing out; only the
// sites that were not asked for the longest time are forgotten whole.
const (
	cookieMaxSize   = 4096    // name and value
	cookieMaxPath   = 1024    // longer paths are taken for none (RFC 6265bis)
	cookieMaxLines  = 100     // Set-Cookie fields of one response
	cookiesPerHost  = 50      // set by one host
	cookiesPerSite  = 180     // of one registrable domain
	cookiesMaxBytes = 8 << 20 // of all sites together, as far as they are known to take memory
	cookieHeaderMax = 8 << 10 // of one request's Cookie header
	cookieOverhead  = 512     // bytes that a cookie takes beside its text
)

// cookies holds what sites have set: RFC 6265 by net/http/cookiejar and the
// public suffix list, within limits. It lives in memory alone: a resumed crawl
// begins with the cookie file's. Safe for concurrent use.
type cookies struct {
	now func() time.Time

	mu     sync.Mutex // guards the fields below
	sites  map[string]*siteCookies
	recent *list.List // of *siteCookies, the most recently asked first
	size   int
}

// siteCookies are the cookies of a registrable domain.
type siteCookies struct {
	name   string
	jar    *cookiejar.Jar
	known  map[cookieID]cookieNote
	size   int
	pinned bool // of the cookie file: never forgotten
	place  *list.Element
}

// cookieID is what makes two cookies the same (RFC 6265, section 5.3).
type cookieID struct{ name, domain, path string }

type cookieNote struct {
	host    string // that set it
	size    int
	expires time.Time // zero for the end of the crawl
}

func newCookies() *cookies {
	return &cookies{now: time.Now, sites: make(map[string]*siteCookies), recent: list.New()}
}

// set takes the Set-Cookie fields of u's answer, and reports whether another
// request for u would carry other cookies than before.
func (c *cookies) set(u weburl.URL, fields []string) (changed bool) {
	if c == nil || len(fields) == 0 {
		return false
	}
	at := cookieURL(u)
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.site(at.Hostname())
	before := s.header(at)
	for _, line := range fields[:min(len(fields), cookieMaxLines)] {
		if cookie, err := http.ParseSetCookie(line); err == nil {
			c.add(s, at, cookie)
		}
	}
	after := s.header(at)
	c.shrink(s)
	return before != after
}

// header is the value of the Cookie header of a request for u; "" for none.
func (c *cookies) header(u weburl.URL) string {
	if c == nil {
		return ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.sites) == 0 { // the public suffix list need not be asked
		return ""
	}
	at := cookieURL(u)
	s := c.sites[siteName(at.Hostname())]
	if s == nil {
		return ""
	}
	c.recent.MoveToFront(s.place)
	return s.header(at)
}

// site is the place for a host's cookies.
func (c *cookies) site(host string) *siteCookies {
	name := siteName(host)
	s := c.sites[name]
	if s == nil {
		jar, _ := cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}) // never an error
		s = &siteCookies{name: name, jar: jar, known: make(map[cookieID]cookieNote)}
		s.place = c.recent.PushFront(s)
		c.sites[name] = s
		c.grow(s, len(name)+2*cookieOverhead)
	}
	c.recent.MoveToFront(s.place)
	return s
}

// siteName is the registrable domain of a host, or the host where there is none.
func siteName(host string) string {
	host = strings.TrimSuffix(host, ".")
	if name, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return name
	}
	return host
}

func (c *cookies) grow(s *siteCookies, by int) {
	s.size += by
	c.size += by
}

// add puts one cookie into the jar, if there is room, and notes it.
func (c *cookies) add(s *siteCookies, at *url.URL, cookie *http.Cookie) {
	now := c.now()
	if len(cookie.Path) > cookieMaxPath {
		cookie.Path = ""
	}
	id, ok := identify(at, cookie)
	if !ok || len(cookie.Name)+len(cookie.Value) > cookieMaxSize {
		return
	}
	old, known := s.known[id]
	if note := noteOf(at, cookie, id, now); expired(note, now) {
		c.forget(s, id)
	} else {
		if !known && !c.room(s, note.host, now) {
			return
		}
		c.grow(s, note.size-old.size)
		s.known[id] = note
	}
	s.jar.SetCookies(at, []*http.Cookie{cookie})
}

func noteOf(at *url.URL, cookie *http.Cookie, id cookieID, now time.Time) cookieNote {
	note := cookieNote{host: at.Hostname(), expires: cookie.Expires}
	note.size = len(cookie.Name) + len(cookie.Value) + len(id.domain) + len(id.path) + cookieOverhead
	switch {
	case cookie.MaxAge > 0:
		note.expires = now.Add(time.Duration(min(cookie.MaxAge, 400*24*3600)) * time.Second)
	case cookie.MaxAge < 0:
		note.expires = time.Unix(1, 0)
	}
	return note
}

func expired(n cookieNote, now time.Time) bool { return !n.expires.IsZero() && !n.expires.After(now) }

func (c *cookies) forget(s *siteCookies, id cookieID) {
	c.grow(s, -s.known[id].size)
	delete(s.known, id)
}

// room reports whether a host may set one more; what has expired gives way.
func (c *cookies) room(s *siteCookies, host string, now time.Time) bool {
	full := func() bool {
		own := 0
		for _, n := range s.known {
			if n.host == host {
				own++
			}
		}
		return own >= cookiesPerHost || len(s.known) >= cookiesPerSite
	}
	if !full() {
		return true
	}
	for id, n := range s.known {
		if expired(n, now) {
			c.forget(s, id)
		}
	}
	return !full()
}

// shrink forgets the sites that were not asked for the longest time until the
// rest is small enough. keep stays.
func (c *cookies) shrink(keep *siteCookies) {
	for e := c.recent.Back(); e != nil && c.size > cookiesMaxBytes; {
		s := e.Value.(*siteCookies)
		e = e.Prev()
		if s == keep || s.pinned {
			continue
		}
		c.size -= s.size
		c.recent.Remove(s.place)
		delete(c.sites, s.name)
	}
}

// identify says which cookie it is, and refuses what no jar should take: a
// domain that is not the host's, a Secure cookie from a plain connection, and
// a name whose prefix promises more than the cookie holds (RFC 6265bis).
func identify(at *url.URL, cookie *http.Cookie) (cookieID, bool) {
	host := strings.TrimSuffix(at.Hostname(), ".")
	domain := strings.ToLower(strings.TrimPrefix(cookie.Domain, "."))
	id := cookieID{cookie.Name, domain, cookie.Path}
	if domain == "" {
		id.domain = "=" + host // for this host alone
	} else if host != domain && !strings.HasSuffix(host, "."+domain) {
		return id, false
	}
	if !strings.HasPrefix(id.path, "/") {
		dir := at.Path[:strings.LastIndexByte(at.Path, '/')+1]
		id.path = "/" + strings.Trim(dir, "/")
	}
	secure := at.Scheme == "https"
	switch prefix := strings.ToLower(cookie.Name); {
	case cookie.Secure && !secure:
		return id, false
	case strings.HasPrefix(prefix, "__secure-"):
		return id, cookie.Secure
	case strings.HasPrefix(prefix, "__host-"):
		return id, cookie.Secure && domain == "" && cookie.Path == "/"
	}
	return id, true
}

// header renders the cookies for a request, the ones with the longest paths
// first, as many as fit.
func (s *siteCookies) header(at *url.URL) string {
	var b strings.Builder
	for _, cookie := range s.jar.Cookies(at) {
		pair := cookie.Name + "=" + cookie.Value
		if cookie.Quoted {
			pair = cookie.Name + `="` + cookie.Value + `"`
		}
		if b.Len()+2+len(pair) > cookieHeaderMax {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(pair)
	}
	return b.String()
}

// cookieURL is u for a jar, which compares paths as they are written.
func cookieURL(u weburl.URL) *url.URL {
	path, _, _ := strings.Cut(u.RequestURI(), "?")
	return &url.URL{Scheme: u.Scheme(), Host: u.HostPort(), Path: path}
}
