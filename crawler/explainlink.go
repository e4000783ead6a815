package crawler

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
)

// The names of the checks, in their order.
const (
	checkCanonical   = "canonical"
	checkScope       = "scope"
	checkCredentials = "credentials"
	checkAddress     = "address"
	checkRobots      = "robots"
	checkSeen        = "seen"
)

// canonical says what the text is as a URL.
func (e *Explainer) canonical(s *subject) Check {
	if s.Href != "" {
		text := "it is in canonical form"
		if s.raw != s.Href {
			text = "its canonical form is " + s.Href
		}
		if s.stripped {
			text += "; a link to it is fetched as " + s.URL.String() + " (--strip-params)"
		}
		return passed(checkCanonical, text)
	}
	var cause error = s.Err
	if u, ok := errors.AsType[*weburl.Error](s.Err); ok {
		cause = u.Err
	}
	switch {
	case errors.Is(cause, weburl.ErrScheme) && len(s.raw) > weburl.MaxLength:
		return refused(checkCanonical, "it is too long to be read, and no http or https URL")
	case errors.Is(cause, weburl.ErrScheme) && e.opt.Base == "":
		return refused(checkCanonical, "it is relative: --base names the page that it stands on, or http:// in front makes it a URL of its own")
	case errors.Is(cause, weburl.ErrTooLong):
		return refused(checkCanonical, fmt.Sprintf("%v: URLs of more than %d bytes are not fetched", cause, weburl.MaxLength))
	}
	return refused(checkCanonical, cause.Error())
}

// scope says whether the job wants the URL, by the same ruling as the crawl.
func (e *Explainer) scope(s *subject) Check {
	switch {
	case s.Href == "":
		return unasked(checkScope, s.none())
	case s.URL.IsZero():
		return ruled(refused(checkScope, fmt.Sprintf("a crawl fetches http and https URLs, and no %s: ones", s.Scheme)), "scheme", "")
	case e.seeds[s.URL.Key()]:
		return ruled(passed(checkScope, "it is a seed: those are fetched whatever scope, allow and deny say"), "seed", "")
	}
	c := candidate{url: s.URL, depth: 1}
	if s.known != nil {
		c = candidate{url: s.URL, depth: s.known.Depth, requisite: s.known.Requisite, hop: s.known.Requisite, redirect: true}
		switch {
		case s.known.Seed:
			return ruled(passed(checkScope, "the run has it from a seed"), "seed", "")
		case s.known.Sitemap != frontier.NoSitemap:
			return ruled(passed(checkScope, "the run reads it as a sitemap"), "sitemap", "")
		}
	}
	r := e.linker.rule(c)
	check := refused(checkScope, e.why(r, c))
	if r.ok {
		check = passed(checkScope, e.why(r, c)+e.depthNote(s))
	}
	rule, pattern := e.named(r)
	return ruled(check, rule, pattern)
}

func ruled(c Check, rule, pattern string) Check {
	c.Rule, c.Pattern = rule, pattern
	return c
}

// named is a ruling's rule as the job file calls it, and its pattern.
func (e *Explainer) named(r ruling) (rule, pattern string) {
	switch r.by {
	case byDepth:
		return "max-depth", ""
	case byRequisite:
		return "requisites", ""
	case byScope:
		return "scope", r.place
	case byDeny:
		return "deny", e.linker.deny[r.index].String()
	case byAllow:
		if r.index >= 0 {
			return "allow", e.linker.allow[r.index].String()
		}
		return "allow", ""
	}
	return "", ""
}

// why puts a ruling into words.
func (e *Explainer) why(r ruling, c candidate) string {
	_, pattern := e.named(r)
	switch r.by {
	case byDepth:
		return fmt.Sprintf("it is no seed, and --max-depth %d follows no link to it", e.cfg.MaxDepth)
	case byRequisite:
		return "it is an image, style or script of a page, and --requisites is none"
	case byDeny:
		return fmt.Sprintf("--deny %q matches", pattern)
	case byAllow:
		if r.ok {
			return fmt.Sprintf("--allow %q matches", pattern)
		}
		return fmt.Sprintf("none of the %d --allow expressions matches", len(e.linker.allow))
	case byScope:
	}
	switch {
	case c.hop:
		return "a page that was in scope needs it to be shown"
	case r.ok && len(e.cfg.Seeds) == 0:
		return "no seeds are named that would bound the crawl"
	case r.ok && r.place == "":
		return "--scope any goes everywhere"
	case r.ok:
		return fmt.Sprintf("--scope %s holds %s", e.cfg.Scope, r.place)
	}
	return fmt.Sprintf("outside --scope %s, which holds %s", e.cfg.Scope, few(e.linker.scope.Places()))
}

// depthNote says what is left open when nobody knows how far from a seed a URL is.
func (e *Explainer) depthNote(s *subject) string {
	if e.cfg.MaxDepth < 0 || s.known != nil || len(e.cfg.Seeds) == 0 {
		return ""
	}
	return fmt.Sprintf(", if a page at most %d links from a seed links to it", e.cfg.MaxDepth-1)
}

// few names the first few of many.
func few(names []string) string {
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// credentials says whether the URL carries any.
func (e *Explainer) credentials(s *subject) Check {
	switch {
	case s.Href == "":
		return unasked(checkCredentials, s.none())
	case s.Credentials:
		return refused(checkCredentials, "it carries a user name or a password: such links are not followed")
	}
	check := passed(checkCredentials, "it carries none")
	if !s.URL.IsZero() {
		check.CredentialsCheck = &CredentialsCheck{Sends: e.sends(s.URL)}
		if names := check.Sends; len(names) > 0 {
			check.Reason += "; a request sends " + strings.Join(names, ", ") + " to " + s.URL.Origin() + " and nowhere else"
		}
	}
	if e.lacks != nil {
		check.Reason += "; as it stands a crawl would not begin: " + strings.ReplaceAll(e.lacks.Error(), "\n", "; ")
	}
	return check
}

// sends names what a request for u would carry of the job's secrets and headers,
// never what is in them.
func (e *Explainer) sends(u weburl.URL) []string {
	var names []string
	for _, f := range withCookies(e.with.identity.header(u.Origin(), false), e.with.cookies.header(u)) {
		if f[0] != "From" { // everybody's
			names = append(names, f[0])
		}
	}
	if e.cfg.TLSCert != "" && u.Scheme() == "https" && e.with.identity.trusts(u.HostPort()) {
		names = append(names, "client certificate")
	}
	slices.Sort(names)
	return slices.Compact(names)
}
