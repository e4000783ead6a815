package crawler

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"tandem/crawler/weburl"
)

const (
	cookieFileMax  = 4 << 20 // bytes
	cookieFileMany = 3000    // cookies
)

// loadCookieFile takes the cookies of a file in the Netscape format, as curl,
// wget and browsers' extensions write it: domain, subdomains too, path, secure,
// expires (Unix seconds, 0 for a session), name, value, parted by tabs. Values
// do not stand in errors.
func (c *cookies) loadCookieFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("cookie-file: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(io.LimitReader(f, cookieFileMax))
	lines.Buffer(nil, 64<<10)
	n, taken, stale := 0, 0, 0
	for lines.Scan() {
		n++
		text := strings.TrimSuffix(lines.Text(), "\r")
		if n == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		at, cookie, err := parseCookieLine(text)
		switch {
		case err == nil && cookie == nil: // a comment
		case err == nil && !cookie.Expires.IsZero() && !cookie.Expires.After(c.now()):
			stale++
		case err == nil && taken == cookieFileMany:
			err = fmt.Errorf("more than %d cookies", cookieFileMany)
		case err == nil:
			taken++
			err = c.pin(at, cookie)
		}
		if err != nil {
			return fmt.Errorf("cookie-file: %s:%d: %w", path, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("cookie-file: %s:%d: %w", path, n+1, err)
	}
	if info, err := f.Stat(); err == nil && info.Size() > cookieFileMax {
		return fmt.Errorf("cookie-file: %s: it is longer than %d bytes", path, cookieFileMax)
	}
	switch {
	case taken == 0 && stale > 0:
		return fmt.Errorf("cookie-file: %s: all of its %d cookies have expired", path, stale)
	case taken == 0:
		return fmt.Errorf("cookie-file: %s: it holds no cookie", path)
	}
	return nil
}

// pin puts a cookie of the user's into the jar, to stay.
func (c *cookies) pin(at *url.URL, cookie *http.Cookie) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.site(at.Hostname())
	s.pinned = true
	id, ok := identify(at, cookie)
	if !ok {
		return errors.New("the name's prefix (__Host-, __Secure-) asks for more than the line says")
	}
	c.grow(s, noteOf(at, cookie, id, c.now()).size-s.known[id].size)
	s.known[id] = noteOf(at, cookie, id, c.now())
	s.jar.SetCookies(at, []*http.Cookie{cookie})
	return nil
}

// parseCookieLine reads one line; a nil cookie is a comment. at is a URL that
// may set the cookie.
func parseCookieLine(text string) (at *url.URL, cookie *http.Cookie, err error) {
	text, httpOnly := strings.CutPrefix(text, "#HttpOnly_")
	if !httpOnly && (strings.HasPrefix(text, "#") || strings.TrimSpace(text) == "") {
		return nil, nil, nil
	}
	f := strings.Split(text, "\t")
	if len(f) != 7 {
		return nil, nil, fmt.Errorf("want 7 fields parted by tabs, have %d", len(f))
	}
	wide, err := cookieFlag("subdomains", f[1])
	if err != nil {
		return nil, nil, err
	}
	secure, err := cookieFlag("secure", f[3])
	if err != nil {
		return nil, nil, err
	}
	host, err := cookieHost(f[0], wide)
	if err != nil {
		return nil, nil, err
	}
	seconds, err := strconv.ParseInt(f[4], 10, 64)
	if err != nil || seconds < 0 {
		return nil, nil, fmt.Errorf("expires %q: want seconds since 1970, or 0 for a session", f[4])
	}
	cookie = &http.Cookie{Name: f[5], Value: f[6], Path: f[2], Secure: secure, HttpOnly: httpOnly}
	if wide {
		cookie.Domain = host
	}
	if seconds > 0 {
		cookie.Expires = time.Unix(min(seconds, 1<<37), 0)
	}
	if err := validCookie(cookie); err != nil {
		return nil, nil, err
	}
	at = &url.URL{Scheme: "http", Host: host, Path: f[2]}
	if secure {
		at.Scheme = "https"
	}
	return at, cookie, nil
}

func cookieFlag(what, text string) (bool, error) {
	switch strings.ToUpper(text) {
	case "TRUE":
		return true, nil
	case "FALSE":
		return false, nil
	}
	return false, fmt.Errorf("%s %q: want TRUE or FALSE", what, text)
}

// cookieHost checks the first field. A cookie for a public suffix and all below
// it would be everybody's.
func cookieHost(text string, wide bool) (string, error) {
	host := strings.ToLower(strings.TrimPrefix(text, "."))
	u, err := weburl.Parse("http://" + bracketed(host) + "/")
	if err != nil || u.Host() != bracketed(host) || u.Authority() != u.Host() {
		return "", fmt.Errorf("domain %q: want a host name", text)
	}
	if suffix, _ := publicsuffix.PublicSuffix(host); wide && suffix == host && net.ParseIP(host) == nil && strings.Contains(host, ".") {
		return "", fmt.Errorf("domain %q: it is a public suffix, below which sites belong to different people", text)
	}
	return bracketed(host), nil
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// validCookie checks what would be sent. The error does not hold the value.
func validCookie(c *http.Cookie) error {
	switch {
	case !isToken(c.Name):
		return fmt.Errorf("name %q: want a token", c.Name)
	case !strings.HasPrefix(c.Path, "/") || len(c.Path) > cookieMaxPath:
		return fmt.Errorf("path %.100q: want one that begins with /", c.Path)
	case len(c.Name)+len(c.Value) > cookieMaxSize:
		return fmt.Errorf("the cookie %.100q has more than %d bytes", c.Name, cookieMaxSize)
	}
	for i := range len(c.Value) {
		if b := c.Value[i]; b < ' ' || b == ';' || b == 0x7f {
			return fmt.Errorf("the value of %q holds a byte that no cookie may have", c.Name)
		}
	}
	return nil
}
