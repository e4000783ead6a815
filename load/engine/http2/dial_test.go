package http2

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"tandem/internal/transport"
)

// Through a transport client: both ways to HTTP/2, the guard, and a server that has only HTTP/1.
func TestOver(t *testing.T) {
	t.Parallel()
	old := httptest.NewTLSServer(http.HandlerFunc(hello)) // without EnableHTTP2
	defer old.Close()
	plain, secure := serve(t, false, hello), serve(t, true, hello)
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	roots.AddCert(old.Certificate())
	client, err := transport.New(transport.Config{Timeout: 5 * time.Second, TLS: &tls.Config{RootCAs: roots}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, row := range []struct {
		url   string
		named bool
		class string
	}{
		{plain.URL, true, ""},
		{secure.URL, true, ""},
		{old.URL, true, transport.ClassTLS},
		{plain.URL, false, transport.ClassPrivateAddress},
	} {
		source := get(t, row.url+"/")
		source.list[0].Named = row.named
		e := New(Config{Dial: Over(client)})
		o := perform(context.Background(), t, e, &load{source: source, total: 10, connections: 2})
		e.Close()
		if row.class == "" && (o.Counts.Completed != 10 || o.Connect.Count() == 0) || row.class != "" && o.Errors[row.class] != 10 {
			t.Errorf("%s, named %v: %+v, %v, %v", row.url, row.named, o.Counts, o.Errors, o.job.Failure())
		}
		if row.class == "" {
			continue
		}
		select {
		case err := <-o.job.GiveUp():
			var e *transport.Error
			if !errors.As(err, &e) || e.Class != row.class {
				t.Error(err)
			}
		default:
			t.Errorf("%s: not hopeless", row.url)
		}
	}
}
