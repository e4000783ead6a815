package weburl

import (
	"errors"
	"fmt"
	"strings"

	whatwgerrors "github.com/nlnwa/whatwg-url/errors"
	whatwg "github.com/nlnwa/whatwg-url/url"
)

// maxAts bounds the '@' of a text that Read gives to the library.
const maxAts = 32

// Reading is what a text is as a URL, also where no crawl would take it: for people who ask why.
type Reading struct {
	Href        string // the standard's serialisation without fragment, whatever the scheme, credentials included; "" where it is no URL
	URL         URL    // what a crawl would know it by, credentials left out; zero if Err is anything but ErrCredentials
	Scheme      string // "" where it is no URL
	Credentials bool   // it carries a user name or a password
	Err         error  // what Parse or Resolve says of it: an *Error, nil if a crawl would take it
}

// Read reads raw, against base if that is not "". It agrees with Parse and Resolve on all that they take. base may be any URL; if it is
// none, only absolute URLs can be read.
func Read(base, raw string) Reading {
	u, err := Parse(base)
	if err == nil || base == "" {
		if u, err = u.Resolve(raw); err == nil {
			return Reading{Href: u.String(), URL: u, Scheme: u.Scheme()}
		}
		if !errors.Is(err, ErrScheme) && !errors.Is(err, ErrCredentials) {
			return Reading{Err: err}
		}
	}
	r, cause := readAny(base, raw)
	if cause != nil {
		r.Err = &Error{Raw: raw, Err: cause}
	}
	return r
}

// readAny asks the library about a URL of any scheme.
func readAny(base, raw string) (Reading, error) {
	ref, err := clean(raw)
	if err != nil {
		return Reading{}, err
	}
	if len(base) > MaxLength || strings.Count(base+ref, "/")+strings.Count(base+ref, `\`) > maxSegments || strings.Count(base+ref, "@") > maxAts {
		return Reading{}, ErrTooLong
	}
	parsed, err := parseAny(base, ref)
	if err != nil {
		return Reading{}, unreadable(base, ref, err)
	}
	r := Reading{Href: parsed.Href(true), Scheme: parsed.Scheme(), Credentials: parsed.Username() != "" || parsed.Password() != ""}
	if len(r.Href) > MaxLength {
		return Reading{}, ErrTooLong
	}
	if r.Scheme != "http" && r.Scheme != "https" {
		return r, ErrScheme
	}
	if signedAddress(ref, parsed.Hostname()) {
		return Reading{}, fmt.Errorf("%w: the host is missing or malformed", ErrInvalid)
	}
	return r.bare()
}

func parseAny(base, ref string) (*whatwg.Url, error) {
	if base == "" {
		return whatwg.Parse(ref)
	}
	return whatwg.ParseRef(base, ref)
}

// unreadable says why a text is no URL.
func unreadable(base, ref string, err error) error {
	if _, absolute := schemeOf(ref); !absolute && base == "" {
		return fmt.Errorf("%w: the url is relative", ErrScheme)
	}
	return fmt.Errorf("%w: %s", ErrInvalid, whatwgerrors.Type(err))
}

// bare parts an http URL from its credentials, and gives the rest to Parse, whose form counts.
func (r Reading) bare() (Reading, error) {
	scheme := r.Scheme + "://"
	user, rest := "", strings.TrimPrefix(r.Href, scheme)
	if r.Credentials {
		user, rest, _ = strings.Cut(rest, "@")
		user += "@"
	}
	u, err := Parse(scheme + rest)
	if err != nil {
		return Reading{}, errors.Unwrap(err)
	}
	r.URL, r.Href = u, scheme+user+strings.TrimPrefix(u.String(), scheme)
	if r.Credentials {
		return r, ErrCredentials
	}
	return r, nil
}
