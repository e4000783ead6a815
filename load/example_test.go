package load_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"tandem/internal/report"
	"tandem/load"
)

// How many requests does a run at a constant rate send, and did it keep its promise?
func ExampleRun() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }))
	defer server.Close()

	promise, err := report.ParseThreshold("requests.failed==0")
	if err != nil {
		panic(err)
	}
	cfg := load.DefaultConfig()
	cfg.URLs = []string{server.URL}
	cfg.Rate = 500 // per second: an open loop
	cfg.Requests = 50
	cfg.Thresholds = []report.Threshold{promise}

	result, err := load.Run(context.Background(), cfg, nil, nil)
	if err != nil {
		panic(err)
	}
	fmt.Println(result.State, result.Requests.Sent, result.Status, result.Passed())
	// Output: complete 50 map[200:50] true
}
