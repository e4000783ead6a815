package crawler

import (
	"mime"
	"net/http"
	"strings"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
	"tandem/store"
)

// exchange renders what the archive keeps of a response. A response that
// confirms what an earlier run stored becomes a revisit record.
func exchange(item frontier.Item, resp *transport.Response, digest string) *store.Exchange {
	x := &store.Exchange{
		URL: item.URL.String(), SURT: item.URL.SURT(), IP: resp.RemoteIP, Date: resp.Started,
		Request: resp.Request, Response: resp.Raw, HeadLen: resp.HeadLen,
		Status: resp.Status, Mime: mediaType(resp.Get("Content-Type")),
		PayloadDigest: digest, PayloadLen: resp.BodyLen, Truncated: resp.Truncated,
		Meta: store.Meta{
			Via: item.Via, Depth: item.Depth, Requisite: item.Requisite, Alt: item.Alt, Columns: item.Columns,
		},
	}
	x.Revisit = revisit(item.Prior, resp, digest)
	if x.Revisit != nil {
		x.PayloadDigest = item.Prior.Digest
	}
	return x
}

// revisit returns the reference to the payload stored earlier, or nil when
// there is none or it has changed.
func revisit(p *frontier.Prior, resp *transport.Response, digest string) *store.Revisit {
	if p == nil || p.Digest == "" {
		return nil
	}
	profile := ""
	switch {
	case resp.Status == http.StatusNotModified && (p.ETag != "" || p.LastModified != ""):
		profile = store.ServerNotModified
	case isSuccess(resp.Status) && resp.Truncated == "" && digest == p.Digest && resp.BodyLen > 0:
		profile = store.IdenticalPayload
	default:
		return nil
	}
	return &store.Revisit{
		Profile: profile, RefersToURI: p.URL, RefersToDate: p.Date, RefersToID: p.RecordID,
		Segment: p.Segment, Offset: p.Offset, Length: p.Length,
	}
}

// message is the response as the linker and stage two see it.
func message(resp *transport.Response) *store.Response {
	m := &store.Response{Status: resp.Status, Body: resp.Body, Truncated: resp.Truncated != ""}
	for name, value := range resp.Fields() {
		m.Header = append(m.Header, store.HeaderField{Name: name, Value: value})
	}
	return m
}

// mediaType is the type alone, lower case; "" when there is none.
func mediaType(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		t, _, _ = strings.Cut(contentType, ";")
		t = strings.ToLower(strings.TrimSpace(t))
	}
	if strings.ContainsAny(t, " \t\r\n\x00\"") || !strings.Contains(t, "/") {
		return ""
	}
	return t
}

// target is where a URL's request goes.
func target(u weburl.URL) transport.Target {
	return transport.Target{Scheme: u.Scheme(), HostPort: u.HostPort(), URI: u.RequestURI()}
}
