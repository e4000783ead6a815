package load

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"tandem/internal/proxytest"
	"tandem/internal/transport"
)

// The load goes through the proxy, over one tunnel for each connection, with the header that the environment holds.
func TestLoadThroughProxy(t *testing.T) {
	t.Setenv("LOAD_TOKEN", "t0ken")
	var wrong atomic.Int64
	srv := serve(t, func(_ int64, r *http.Request) string {
		if r.Header.Get("X-Token") != "t0ken" {
			wrong.Add(1)
		}
		return hello
	})
	p := proxytest.Serve(t, proxytest.Options{Scheme: "socks5", User: "bob", Password: "pw"})
	cfg := config(srv.url)
	cfg.Proxy, cfg.Connections, cfg.Requests, cfg.Headers = p.URL(), 2, 50, []string{"X-Token: env:LOAD_TOKEN"}
	r := mustRun(t, cfg)
	if r.Status["200"] != 50 || wrong.Load() != 0 || len(p.Asked()) == 0 || len(p.Asked()) > 2 {
		t.Errorf("%v, %d without the header, the proxy was asked %q", r.Status, wrong.Load(), p.Asked())
	}
	cfg.Proxy = "http://bob:hunter2@127.0.0.1:1"
	res, err := Run(t.Context(), cfg, nil, nil)
	if err == nil || res.Errors[transport.ClassProxy] == 0 || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("without its proxy: %v, %v", res, err)
	}
}
