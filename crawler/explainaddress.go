package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"tandem/internal/transport"
)

// address says which addresses the URL's host stands for and whether all of
// them may be dialled, by the dialler's own resolution and guard.
func (e *Explainer) address(ctx context.Context, s *subject) Check {
	if why := s.none(); why != "" {
		return unasked(checkAddress, why)
	}
	vetted, err := e.client.Vet(ctx, s.URL.HostPort())
	switch {
	case errors.Is(err, errOffline):
		return unasked(checkAddress, fmt.Sprintf("not checked: the addresses of %s are not looked up offline", s.URL.Host()))
	case err != nil:
		return refused(checkAddress, lookupReason(err))
	}
	check := passed(checkAddress, "")
	check.AddressCheck = &AddressCheck{}
	reasons := make([]string, 0, len(vetted))
	for _, v := range vetted {
		a := e.explainAddress(s.URL.HostPort(), v)
		reasons = append(reasons, fmt.Sprintf("%s (%s)", a.Address, a.Reason))
		check.OK = check.OK && a.OK
		check.Addresses = append(check.Addresses, a)
		if no, ok := errors.AsType[*transport.RefusedError](v.Err); ok {
			check.AllowNet = append(check.AllowNet, no.AllowNet())
		}
	}
	check.Reason = few(reasons)
	if !check.OK {
		check.Reason += "; " + wayOut(s.URL.HostPort(), vetted, check.AllowNet)
	}
	return check
}

// lookupReason says what became of a name, and what a crawl makes of that.
func lookupReason(err error) string {
	te, ok := errors.AsType[*transport.Error](err)
	switch {
	case !ok:
		return err.Error()
	case te.Temporary:
		return fmt.Sprintf("%v; a crawl tries %d times", te.Err, maxTries)
	}
	return te.Err.Error()
}

// explainAddress says why the guard lets an address through, or not.
func (e *Explainer) explainAddress(hostport string, v transport.Vetted) ExplainedAddress {
	addr := v.Addr.Addr()
	a := ExplainedAddress{Address: addr.String(), OK: v.Err == nil}
	no, private := errors.AsType[*transport.RefusedError](transport.NewGuard(nil, nil).Check(hostport, v.Addr))
	if !private {
		a.Reason = "public"
		return a
	}
	a.Range = no.Range.String()
	in := "in " + a.Range
	if no.Inner != addr.Unmap() {
		in = fmt.Sprintf("carries %v %s", no.Inner, in)
	}
	switch {
	case v.Err != nil:
		a.Reason = in + ", which is not public"
	case v.Mapped:
		a.Reason = "the job's own site"
	case transport.NewGuard(e.cfg.AllowNet, nil).Check(hostport, v.Addr) == nil:
		a.Reason = in + ", which --allow-net allows"
	default:
		a.Reason = fmt.Sprintf("%s, but a seed names %s", in, hostport)
	}
	return a
}

// wayOut names what would make refused addresses allowed ones.
func wayOut(hostport string, vetted []transport.Vetted, nets []netip.Prefix) string {
	flags := make([]string, 0, len(nets))
	for _, n := range nets {
		flags = append(flags, "--allow-net "+n.String())
	}
	text := strings.Join(flags, " ") + " would allow it"
	named := transport.NewGuard(nil, []string{hostport})
	for _, v := range vetted {
		if !v.Mapped && named.Check(hostport, v.Addr) != nil {
			return text
		}
	}
	return text + ", and so would a seed at " + hostport
}
