package crawler

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tandem/crawler/weburl"
	"tandem/internal/units"
)

// Origin says what the requests to one origin carry: that scheme, host and
// port, and no other, wherever it redirects or links to. Its robots.txt is asked
// for with it, too. Password, Bearer and the values of headers may be secrets by
// reference: env:NAME or file:PATH, read when the crawl starts.
type Origin struct {
	Origin   string   `yaml:"origin" check:"nonempty" doc:"scheme://host[:port]: exactly there, and nowhere else, the following is sent"`
	User     string   `yaml:"user" doc:"the user name of Basic authentication"`
	Password string   `yaml:"password" doc:"its password, or env:NAME or file:PATH of it"`
	Bearer   string   `yaml:"bearer" doc:"a bearer token, or env:NAME or file:PATH of it"`
	Headers  []string `yaml:"header" doc:"further request headers, 'Name: value'; a value may be env:NAME or file:PATH"`
}

// parse reads the origin's name.
func (o *Origin) parse() (string, error) {
	u, err := weburl.Parse(o.Origin)
	if err != nil {
		return "", fmt.Errorf("origin %q: %w", hideUser(o.Origin), bareCause(err))
	}
	if u.RequestURI() != "/" || strings.ContainsAny(o.Origin, "?#") {
		return "", fmt.Errorf("origin %q: want scheme://host[:port] and no more", o.Origin)
	}
	return u.Origin(), nil
}

// bareCause is why a text is no URL, without the text.
func bareCause(err error) error {
	if u, ok := errors.AsType[*weburl.Error](err); ok {
		return u.Err
	}
	return err
}

// hideUser takes what may be a password out of a URL for an error.
func hideUser(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		scheme, rest = "", raw
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return raw
	}
	if ok {
		scheme += "://"
	}
	return scheme + units.Masked + rest[at:]
}

// check reports what is wrong with an origin, without reading secrets.
func (o *Origin) check() []error {
	var errs []error
	wrong := func(key string, err error) { errs = append(errs, units.AtKey(key, err)) }
	if _, err := o.parse(); err != nil {
		wrong("origin", err)
	}
	switch {
	case o.User != "" && o.Bearer != "":
		wrong("bearer", errors.New("user and bearer: choose one"))
	case o.Password != "" && o.User == "":
		wrong("password", errors.New("password: there is no user"))
	case strings.Contains(o.User, ":") || strings.ContainsFunc(o.User, isControl):
		wrong("user", fmt.Errorf("user %q: colons and control characters are not allowed", o.User))
	case o.User == "" && o.Bearer == "" && len(o.Headers) == 0:
		errs = append(errs, errors.New("it says nothing: want user and password, bearer or header"))
	}
	for i, h := range o.Headers {
		name, _, err := splitHeader(h)
		if err == nil && strings.EqualFold(name, "Authorization") && o.User+o.Bearer != "" {
			err = errors.New("header Authorization: user or bearer say it already")
		}
		if err != nil {
			wrong(fmt.Sprintf("header[%d]", i), err)
		}
	}
	return errs
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

func notInField(c rune) bool { return isControl(c) && c != '\t' }

// fields are the header fields that o asks for, its secrets read.
func (o *Origin) fields() (fields [][2]string, errs []error) {
	switch {
	case o.User != "":
		password, err := units.Reveal(o.Password)
		if err == nil && strings.ContainsFunc(password, isControl) {
			err = errors.New("control characters are not allowed")
		}
		if err != nil {
			errs = append(errs, units.AtKey("password", fmt.Errorf("password: %w", err)))
		}
		basic := base64.StdEncoding.EncodeToString([]byte(o.User + ":" + password))
		fields = append(fields, [2]string{"Authorization", "Basic " + basic})
	case o.Bearer != "":
		token, err := units.Reveal(o.Bearer)
		if err == nil && (token == "" || strings.ContainsFunc(token, func(c rune) bool { return c <= ' ' || c >= 0x7f })) {
			err = errors.New("a token has neither spaces nor control characters")
		}
		if err != nil {
			errs = append(errs, units.AtKey("bearer", fmt.Errorf("bearer: %w", err)))
		}
		fields = append(fields, [2]string{"Authorization", "Bearer " + token})
	}
	more, wrong := revealHeaders(o.Headers)
	return append(fields, more...), append(errs, wrong...)
}

// revealHeaders reads "Name: value" lines, whose values may be references.
func revealHeaders(lines []string) (fields [][2]string, errs []error) {
	for i, h := range lines {
		name, value, err := splitHeader(h)
		if err == nil {
			if value, err = units.Reveal(value); err == nil && strings.ContainsFunc(value, notInField) {
				err = errors.New("control characters are not allowed")
			}
			if err != nil {
				err = fmt.Errorf("header %s: %w", name, err)
			}
		}
		if err != nil {
			errs = append(errs, units.AtKey(fmt.Sprintf("header[%d]", i), err))
		}
		fields = append(fields, [2]string{name, value})
	}
	return fields, errs
}

// identity is what requests carry beside what they ask for.
type identity struct {
	all     [][2]string            // goes to everybody
	own     [][2]string            // goes to the seeds' origins
	seeds   map[string]bool        // these
	origins map[string][][2]string // goes to one
	veiled  map[string]bool        // further header names, in lower case, whose values the archive does not keep
}

// newIdentity reads the job's secrets. The identity is there also beside an
// error; what could not be read is empty in it.
func newIdentity(cfg *Config) (*identity, error) {
	id := &identity{seeds: make(map[string]bool), origins: make(map[string][][2]string), veiled: make(map[string]bool)}
	seeds, err := cfg.seeds()
	errs := []error{err}
	for _, u := range seeds {
		id.seeds[u.Origin()] = true
	}
	if _, from, _ := parseContact(cfg.Contact); from != "" {
		id.all = [][2]string{{"From", from}}
	}
	var wrong []error
	id.own, wrong = revealHeaders(cfg.Headers)
	id.veil(cfg.Headers, func(name, value string) bool { return units.SecretHeader(name) || units.IsReference(value) })
	errs = append(errs, wrong...)
	for i := range cfg.Origins {
		o := &cfg.Origins[i]
		name, err := o.parse()
		fields, ferr := o.fields()
		id.origins[name] = fields
		id.veil(o.Headers, func(name, value string) bool { return !plainName(name) || units.IsReference(value) })
		errs = append(errs, inKey(fmt.Sprintf("origins[%d]", i), append(ferr, err))...)
	}
	return id, errors.Join(errs...)
}

func (id *identity) veil(lines []string, secret func(name, value string) bool) {
	for _, h := range lines {
		if name, value, err := splitHeader(h); err == nil && secret(name, value) {
			id.veiled[strings.ToLower(name)] = true
		}
	}
}

// header is what a request to an origin carries. listed says that the URL is
// one of a list's own, which has the job's headers as a seed has them. A
// field of an origin replaces the job's of the same name.
func (id *identity) header(origin string, listed bool) [][2]string {
	fields := slices.Clone(id.all)
	if listed || id.seeds[origin] {
		fields = override(fields, id.own)
	}
	return override(fields, id.origins[origin])
}

func override(fields, by [][2]string) [][2]string {
	fields = slices.DeleteFunc(fields, func(f [2]string) bool {
		return slices.ContainsFunc(by, func(g [2]string) bool { return strings.EqualFold(f[0], g[0]) })
	})
	return append(fields, by...)
}

// trusts reports whether a host:port is one of the job's own https origins:
// those may see its client certificate.
func (id *identity) trusts(hostport string) bool {
	u, err := weburl.Parse("https://" + hostport + "/")
	if err != nil {
		return false
	}
	_, listed := id.origins[u.Origin()]
	return listed || id.seeds[u.Origin()]
}

// withCookies adds cookies to the fields of a request. One that the job itself
// sends stays before one of the same name.
func withCookies(fields [][2]string, jar string) [][2]string {
	if jar == "" {
		return fields
	}
	i := slices.IndexFunc(fields, func(f [2]string) bool { return strings.EqualFold(f[0], "Cookie") })
	if i < 0 {
		return append(fields, [2]string{"Cookie", jar})
	}
	given := fields[i][1]
	for pair := range strings.SplitSeq(jar, "; ") {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.Contains("; "+given, "; "+name+"=") {
			given += "; " + pair
		}
	}
	fields = slices.Clone(fields)
	fields[i][1] = given
	return fields
}
