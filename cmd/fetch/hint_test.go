package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// A site whose certificate nobody trusted has signed leads to the flag that helps.
func TestUnknownAuthorityHint(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	p := fetch(t, 1, "crawl", server.URL+"/", "-o", filepath.Join(t.TempDir(), "out"), "-q")
	if got := p.err.String(); !strings.Contains(got, "hint: name the root certificate that signs the site's with --tls-ca") {
		t.Errorf("%s", got)
	}
}
