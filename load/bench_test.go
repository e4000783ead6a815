package load

import (
	"context"
	"net"
	"sync"
	"testing"
)

// BenchmarkClosedLoop measures the generator on loopback against a server that answers without parsing. Both run in this
// process: cpu-ns/op is the client's and the server's together.
func BenchmarkClosedLoop(b *testing.B) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				buf := make([]byte, 4096)
				for {
					if _, err := c.Read(buf); err != nil {
						return
					}
					if _, err := c.Write([]byte(hello)); err != nil {
						return
					}
				}
			})
		}
	})
	cfg := config("http://" + ln.Addr().String() + "/")
	cfg.Duration, cfg.Requests = 0, int64(b.N)
	b.ReportAllocs()
	r, err := Run(context.Background(), cfg, nil, nil)
	if err != nil || r.Requests.Completed != int64(b.N) {
		b.Fatalf("%v, %+v", err, r)
	}
	b.ReportMetric(r.RequestsPerSec, "req/s")
	b.ReportMetric(r.Client.CPU/float64(b.N)*1e9, "cpu-ns/op")
	ln.Close()
	wg.Wait()
}
