package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tandem/internal/site"
)

// anyPort is where --prometheus listens when it names no address.
const anyPort = "127.0.0.1:0"

// servePrometheus answers for m at /metrics of addr until stop, which waits for the end, or until ctx ends. Nothing else of this process
// is told there.
func servePrometheus(ctx context.Context, addr string, m *loadMetrics) (url string, stop func(), err error) {
	registry := prometheus.NewRegistry()
	if err := registry.Register(m); err != nil {
		return "", nil, fmt.Errorf("serve metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	srv, err := site.ServeOpen(ctx, addr, mux)
	if err != nil {
		return "", nil, fmt.Errorf("serve metrics: %w", err)
	}
	stop = func() {
		ctx, cancel := context.WithCancel(ctx)
		cancel() // a reader that holds its connection does not hold up the end of the run
		_ = srv.Close(ctx)
	}
	return srv.URL() + "metrics", stop, nil
}
