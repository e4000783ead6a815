package enginetest

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"tandem/internal/transport"
	"tandem/load/engine"
)

// statuses asks for several targets in turn, with and without bodies.
func (s Subject) statuses(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		code, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
		if code == 103 {
			w.Header().Set("Link", "</x>; rel=preload")
			w.WriteHeader(103)
			code = 200
		}
		if r.Method == http.MethodHead {
			w.Header().Set("Content-Length", "1000")
		}
		if code == 204 || code == 304 || r.Method == http.MethodHead {
			w.WriteHeader(code)
			return
		}
		w.WriteHeader(code)
		if _, err := io.WriteString(w, strings.Repeat("b", 300)); err == nil && code == 201 {
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "more")
		}
	})
	codes := []string{"200", "201", "204", "301", "304", "404", "500", "599", "103"}
	var lines strings.Builder
	for _, code := range codes {
		fmt.Fprintf(&lines, "{\"url\":%q}\n{\"url\":%q,\"method\":\"HEAD\"}\n", srv.url+code, srv.url+code)
	}
	o := s.perform(t, &task{lines: lines.String(), total: 180})
	want := map[string]int64{"200": 40, "201": 20, "204": 20, "301": 20, "304": 20, "404": 20, "500": 20, "599": 20} // 103 comes before 200
	if !maps.Equal(o.Status, want) || o.Counts.Unasked != 0 || srv.conns.Load() > 4 {
		t.Errorf("statuses %v, want %v; errors %v, %d connections, %+v", o.Status, want, o.Errors, srv.conns.Load(), o.Counts)
	}
	if len(o.URLs) != 18 || slices.ContainsFunc(o.URLs, func(u recorderURL) bool { return u.Count != 10 }) {
		t.Errorf("by target: %+v", o.URLs)
	}
}

// bodies sends bodies that do not fit into one write.
func (s Subject) bodies(t *testing.T) {
	for _, size := range []int{0, 1, 100_000, 5_000_000} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			t.Parallel()
			srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
				b, err := io.ReadAll(r.Body)
				if err != nil || len(b) != size || strings.Trim(string(b), "b") != "" || r.Method != "POST" || r.Header.Get("X-A") != "b" {
					w.WriteHeader(http.StatusBadRequest)
				}
			})
			o := s.perform(t, &task{urls: []string{srv.url}, method: "POST", body: strings.Repeat("b", size), headers: []string{"X-A: b"}, total: 20})
			if o.Status["200"] != 20 || o.Counts.Sent != 20 {
				t.Errorf("%v, %v, %+v", o.Status, o.Errors, o.Counts)
			}
		})
	}
}

// weights draws targets.
func (s Subject) weights(t *testing.T) {
	srv := serve(t, hello)
	o := s.perform(t, &task{lines: fmt.Sprintf("{\"url\":%q,\"weight\":9}\n{\"url\":%q}\n", srv.url+"a", srv.url+"b"), total: 2000})
	if o.Counts.Completed != 2000 || len(o.URLs) != 2 || o.URLs[0].Count < 1700 || o.URLs[0].Count > 1900 {
		t.Errorf("%+v, %+v", o.Counts, o.URLs)
	}
	if !s.Origins {
		return
	}
	other := serve(t, hello)
	o = s.perform(t, &task{urls: []string{srv.url, other.url}, total: 200})
	if o.Counts.Completed != 200 || other.requests.Load() != 100 || srv.requests.Load() != 2100 {
		t.Errorf("%+v, %d and %d", o.Counts, srv.requests.Load(), other.requests.Load())
	}
}

// templates makes each request anew; no send is lost or sent twice.
func (s Subject) templates(t *testing.T) {
	for _, method := range []string{"GET", "POST", "HEAD"} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			seen := map[string]int{}
			srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				mu.Lock()
				seen[r.URL.Query().Get("n")+string(b)+r.Header.Get("X-N")]++
				mu.Unlock()
				w.Header().Set("Content-Length", "5")
				hello(w, r)
			})
			k := &task{urls: []string{srv.url + "?n={{seq}}"}, headers: []string{"X-N: /{{seq}}"}, method: method, total: 500}
			if method == "POST" {
				k.body = "/{{seq}}"
			}
			o := s.perform(t, k)
			mu.Lock()
			defer mu.Unlock()
			if o.Status["200"] != 500 || len(seen) != 500 {
				t.Fatalf("%v, %v, %d different requests", o.Status, o.Errors, len(seen))
			}
			for i := range 500 {
				want := fmt.Sprintf("%d/%d", i, i)
				if method == "POST" {
					want += fmt.Sprintf("/%d", i)
				}
				if seen[want] != 1 {
					t.Fatalf("send %q came %d times", want, seen[want])
				}
			}
		})
	}
}

// checks fails answers that are not as they should be.
func (s Subject) checks(t *testing.T) {
	var n sync.Map
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, odd := n.LoadAndDelete("odd"); !odd {
			n.Store("odd", true)
			w.Header().Set("X-Kind", "even")
			hello(w, r)
			return
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "tea")
	})
	list := []string{"status=200"}
	if s.Contents {
		list = append(list, "header.x-kind=even", "body*=ell")
	}
	for i, check := range list {
		o := s.perform(t, &task{urls: []string{srv.url}, checks: []string{"status!=599", check}, total: 100, connections: 1})
		if o.Counts.Completed != 50 || o.Errors[engine.ClassCheck] != 50 || o.Checks[1] != 50 || o.Checks[0] != 0 || o.job.Failure() != nil {
			t.Errorf("check %d, %q: %+v, %v, %v", i, check, o.Counts, o.Errors, o.Checks)
		}
	}
}

// large takes an answer of a gigabyte in little memory.
func (s Subject) large(t *testing.T) {
	const size = 1 << 30
	piece := make([]byte, 1<<20)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/sized" {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		for range size / len(piece) {
			if _, err := w.Write(piece); err != nil {
				return
			}
		}
	})
	o := s.perform(t, &task{urls: []string{srv.url + "sized", srv.url + "chunked"}, total: 2, connections: 1, timeout: patience})
	if o.Status["200"] != 2 || o.Counts.Bytes < 2*size || o.Counts.Bytes > 2*size+size/50 {
		t.Errorf("%v, %v, %+v", o.Status, o.Errors, o.Counts)
	}
	if peak := peakMemory(); peak > size { // of all tests of the process together
		t.Errorf("the process took %d MiB", peak>>20)
	}
}

// unknown asks for a host without an address.
func (s Subject) unknown(t *testing.T) {
	o := s.perform(t, &task{urls: []string{"http://nowhere.invalid/"}, total: 20, resolve: Options{Resolve: noSuchHost}})
	if o.Errors[transport.ClassDNS] != 20 || o.Counts.Sent != 0 {
		t.Errorf("%v, %+v", o.Errors, o.Counts)
	}
	select {
	case err := <-o.job.GiveUp():
		if !strings.Contains(err.Error(), "nowhere.invalid") {
			t.Errorf("the reason is %v", err)
		}
	default:
		t.Error("nobody is told that no request can be answered")
	}
}
