package site_test

import (
	"context"
	"fmt"
	"net/http"

	"tandem/internal/site"
)

// A test fetches a synthetic site and compares what it got with the truth.
func ExampleSynthetic() {
	s, err := site.Synthetic(site.SyntheticOptions{Seed: 1, Pages: 10, Links: 3, Redirects: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	server, err := site.Serve(ctx, "127.0.0.1:0", s)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close(ctx)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Get(server.URL())
	if err != nil {
		fmt.Println(err)
		return
	}
	res.Body.Close()
	front := s.Truth()["/"]
	fmt.Println(res.StatusCode == front.Status, res.ContentLength == int64(front.Length), len(s.Log()))
	// Output: true true 1
}
