package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// certified serves TLS by a certificate for host that ends at end, and returns its URL and a file with the certificate.
func certified(t *testing.T, host string, end time.Time) (url, file string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: end.Add(-24 * time.Hour), NotAfter: end,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.EnableHTTP2 = true
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.URL, file
}

// TestLoadFails types what can never be answered: exit code 1, the reason in words, the failures counted, nothing sent.
func TestLoadFails(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	expired, expiredCA := certified(t, "127.0.0.1", time.Now().Add(-day))
	wrong, wrongCA := certified(t, "elsewhere.example", time.Now().Add(day))
	unknown, _ := certified(t, "127.0.0.1", time.Now().Add(day))
	plain := strings.Replace(serving(t, http.NotFoundHandler()), "http:", "https:", 1)
	none := "http://nowhere.invalid"
	both := []string{"fasthttp", "http2"}
	for name, row := range map[string]struct {
		url, ca string
		engines []string
		class   string
		says    string
	}{
		"no such host":  {none, "", []string{"fast", "fasthttp", "http2"}, "dns", "nowhere.invalid"},
		"expired":       {expired, expiredCA, both, "tls", "expired"},
		"wrong name":    {wrong, wrongCA, both, "tls", "127.0.0.1"},
		"unknown":       {unknown, "", both, "tls", "unknown authority"},
		"no TLS at all": {plain, "", both, "tls", "TLS"},
	} {
		for _, engine := range row.engines {
			for _, loop := range []string{"--rate=0", "--rate=500/s"} {
				t.Run(name+" "+engine+" "+loop, func(t *testing.T) {
					t.Parallel()
					args := []string{"load", row.url + "/", "--engine", engine, loop, "-d", "1h", "--json", "-q"}
					if row.ca != "" {
						args = append(args, "--tls-ca", row.ca)
					}
					p := fetch(t, 1, args...)
					if got := p.err.String(); !strings.Contains(got, row.says) || strings.Contains(got, "goroutine") {
						t.Errorf("%q is not in %s", row.says, got)
					}
					checkJSONs(t, p, "state=failed", "requests.sent=0", "requests.completed=0", "errors."+row.class+">=1")
				})
			}
		}
	}
}

// checkJSONs demands values of what p printed.
func checkJSONs(t *testing.T, p *process, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if err := checkValue(p.out.String(), want); err != nil {
			t.Errorf("%v\n%s\n%s", err, p.out.String(), p.err.String())
		}
	}
}

// TestLoadInterrupted stops runs by hand: exit code 130, and the results so far.
func TestLoadInterrupted(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"fast", "fasthttp", "http2"} {
		for name, row := range map[string]struct {
			args  []string
			hang  bool // after some answers
			twice bool
		}{
			"closed": {args: []string{}},
			"open":   {args: []string{"-r", "500/s"}},
			"hangs":  {args: []string{}, hang: true},
			"twice":  {args: []string{}, hang: true, twice: true},
			"warm":   {args: []string{"--warmup", "1h"}},
		} {
			t.Run(engine+" "+name, func(t *testing.T) {
				t.Parallel()
				const first = 30
				var n atomic.Int64
				busy, hold := make(chan struct{}), make(chan struct{})
				url := speaking(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					i := n.Add(1)
					if i == first+1 {
						close(busy)
					}
					if row.hang && i > first {
						select {
						case <-hold:
						case <-r.Context().Done():
						}
					}
				}))
				defer close(hold)
				p := start(t, "", append([]string{"load", url, "--engine", engine, "-d", "1h", "--timeout", "1h", "--json", "-q"}, row.args...)...)
				await(t, "answers", busy)
				p.signal(syscall.SIGINT)
				began := time.Now()
				if row.twice {
					insist(p)
				}
				if code := p.wait(); code != 130 {
					t.Fatalf("exit code %d, want 130\n%s", code, p.err.String())
				}
				took := time.Since(began)
				switch {
				case name == "warm":
				case row.hang:
					checkJSONs(t, p, "state=interrupted", "requests.completed=30", "requests.failed>=1")
				default:
					checkJSONs(t, p, "state=interrupted", "requests.completed>=30", "requests.failed=0")
				}
				if row.twice && took > 1500*time.Millisecond || took > 10*time.Second {
					t.Errorf("it took %v to end", took)
				}
			})
		}
	}
}

// insist sends further signals until p has ended: two that come too soon after one another are one.
func insist(p *process) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		select {
		case <-tick.C:
			p.signal(syscall.SIGINT)
		case <-p.done:
			return
		case <-deadline:
			return
		}
	}
}

// speaking serves h by HTTP/1.1, and by HTTP/2 without TLS.
func speaking(t *testing.T, h http.Handler) string {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.Protocols = new(http.Protocols)
	srv.Config.Protocols.SetHTTP1(true)
	srv.Config.Protocols.SetUnencryptedHTTP2(true)
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL
}
