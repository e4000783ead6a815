package transport

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
)

// The limits of a session's jar. Beyond them new cookies are refused and known ones can still change.
const (
	jarCookies = 200     // in all
	jarLines   = 100     // Set-Cookie fields of one answer
	jarLine    = 4 << 10 // bytes of one
)

// jar holds the cookies of one session; nil holds none.
type jar struct {
	list  *cookiejar.Jar
	known map[string]struct{} // what tells its cookies apart, see cookieID
}

// keep takes the cookies that the answer sets.
func (j *jar) keep(t Target, resp *Response) {
	if j == nil {
		return
	}
	at := t.url()
	lines := resp.Values("Set-Cookie")
	for _, line := range lines[:min(len(lines), jarLines)] {
		cookie, err := http.ParseSetCookie(line)
		if err != nil || len(line) > jarLine {
			continue
		}
		id := cookieID(at, cookie)
		if _, known := j.known[id]; !known && len(j.known) >= jarCookies {
			continue
		}
		j.known[id] = struct{}{}
		j.list.SetCookies(at, []*http.Cookie{cookie})
	}
}

// cookieID tells the cookies that the list holds apart: by domain, path and name (RFC 6265 section 5.3). One cookie may have several
// where the host or the spelling of its domain differs.
func cookieID(at *url.URL, cookie *http.Cookie) string {
	path := cookie.Path
	if path == "" || path[0] != '/' { // the default path (RFC 6265 section 5.1.4)
		path = at.Path[:max(strings.LastIndexByte(at.Path, '/'), 0)]
	}
	return strings.Join([]string{at.Hostname(), cookie.Domain, path, cookie.Name}, "\n")
}

// with is header with the cookies for t, behind those that it has.
func (j *jar) with(t Target, header [][2]string) [][2]string {
	if j == nil {
		return header
	}
	var parts []string
	for _, c := range j.list.Cookies(t.url()) {
		parts = append(parts, c.Name+"="+c.Value)
	}
	if len(parts) == 0 {
		return header
	}
	kept := make([][2]string, 0, len(header)+1)
	for _, h := range header {
		if strings.EqualFold(h[0], "Cookie") {
			parts = append([]string{h[1]}, parts...)
			continue
		}
		kept = append(kept, h)
	}
	return append(kept, [2]string{"Cookie", strings.Join(parts, "; ")})
}

// url is where cookies are kept and looked for.
func (t Target) url() *url.URL {
	uri := t.URI
	if uri == "" || uri[0] != '/' {
		uri = "/" + uri
	}
	path, _, _ := strings.Cut(uri, "?")
	return &url.URL{Scheme: t.Scheme, Host: t.HostPort, Path: path}
}
