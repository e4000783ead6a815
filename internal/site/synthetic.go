package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// SyntheticOptions says what the graph holds. A zero count means none; only Pages is required. Everything is
// reachable from "/" by links.
type SyntheticOptions struct {
	Seed           uint64
	Pages          int           // ordinary pages, the front page included; at least 1
	Links          int           // links of a page to random pages, beside those that make all reachable
	Words          int           // words of a page. 0 means 120
	Images         int           // PNG pictures, each embedded in one page
	Redirects      int           // redirects, each linked from one page and leading to a page
	RedirectChain  int           // every second redirect takes this many hops instead of 1, at least 1
	Errors503      int           // pages that answer 503 to the first request and 200 from then on
	RetryAfter     time.Duration // what those 503s ask for, in whole seconds
	NotFound       int           // links that lead nowhere
	NearDuplicates int           // pages that repeat the text of an ordinary page with a sentence changed
	Duplicates     int           // pages with exactly the bytes of another such page: Duplicates pairs
	Private        int           // pages that robots.txt forbids; needs Robots
	Robots         bool          // serve a robots.txt; else 404
	Chunked        int           // of 100 pages, how many are sent chunked, without a Content-Length
	Gzip           int           // of 100 pages, how many are sent gzip-encoded to clients that accept it
	NoValidators   bool          // send neither ETag nor Last-Modified, and never 304
	Latency        time.Duration // waited before each answer
	ErrorRate      float64       // share of requests answered with 503 at random (by Seed), outside the truth table
}

// DefaultSynthetic returns a site of n pages with some of everything.
func DefaultSynthetic(n int) SyntheticOptions {
	few := max(n/20, 2)
	return SyntheticOptions{
		Seed: 1, Pages: n, Links: 8, Images: max(n/4, 1), Redirects: few, RedirectChain: 3, Errors503: few, RetryAfter: time.Second,
		NotFound: few, NearDuplicates: few, Duplicates: few, Private: few, Robots: true, Chunked: 20, Gzip: 20,
	}
}

func (o SyntheticOptions) validate() error {
	for _, n := range []int{o.Links, o.Words, o.Images, o.Redirects, o.RedirectChain, o.Errors503, o.NotFound, o.NearDuplicates, o.Duplicates, o.Private} {
		if n < 0 {
			return errors.New("synthetic site: counts must not be negative")
		}
	}
	switch {
	case o.Pages < 1:
		return errors.New("synthetic site: Pages must be at least 1")
	case o.Private > 0 && !o.Robots:
		return errors.New("synthetic site: Private needs Robots")
	case o.Chunked < 0 || o.Chunked > 100 || o.Gzip < 0 || o.Gzip > 100 || o.ErrorRate < 0 || o.ErrorRate > 1:
		return errors.New("synthetic site: Chunked and Gzip are percentages, ErrorRate a share of 1")
	case o.RetryAfter < 0 || o.Latency < 0:
		return errors.New("synthetic site: durations must not be negative")
	}
	return nil
}

// Answer is what one URL of a synthetic site truly gives: a row of the truth table.
type Answer struct {
	Status    int    // the final one: 200 for a page that answers 503 at first
	MediaType string // without parameters; empty for redirects
	// SHA256 is the lower hex digest of the payload: the body as sent, after de-chunking and before content
	// decoding. For a gzip answer it is that of the compressed bytes. Empty for redirects and for 404, whose
	// bodies do not matter.
	SHA256 string
	// Identity is the digest of the body that clients get which do not accept gzip; else equal to SHA256.
	Identity  string
	Length    int    // of the payload
	Location  string // of a redirect, a path
	Requisite bool   // a picture or stylesheet embedded in pages and linked from none
	Private   bool   // robots.txt forbids it
	Retried   bool   // the first request is answered with 503
}

// Request is one line of a synthetic site's log.
type Request struct {
	Method string
	URL    string // path and query as sent
	Status int    // of the answer; 0 when the client left while waiting
	Time   time.Time
	Conn   string // the client's address and port: the same for requests on the same connection
	Header http.Header
}

// SyntheticSite is a generated graph of pages with a truth table and a request log. It is safe for concurrent
// use.
type SyntheticSite struct {
	opt     SyntheticOptions
	nodes   map[string]*node // by path; fixed after construction
	handler http.Handler

	mu   sync.Mutex // guards the fields below
	log  []Request
	seen map[string]bool // the 503 pages that have been asked for
}

// node is what one path answers.
type node struct {
	Answer
	header  string // Content-Type
	body    []byte // as it is
	zipped  []byte // compressed, or nil
	chunked bool
}

// Synthetic builds a site. The same options give the same site.
func Synthetic(opt SyntheticOptions) (*SyntheticSite, error) {
	if err := opt.validate(); err != nil {
		return nil, err
	}
	if opt.Words == 0 {
		opt.Words = 120
	}
	s := &SyntheticSite{opt: opt, nodes: newPlan(opt).build(), seen: make(map[string]bool)}
	s.handler = s.logged(Latency(ErrorRate(http.HandlerFunc(s.answer), opt.ErrorRate, opt.Seed), opt.Latency))
	return s, nil
}

// ServeHTTP answers GET and HEAD, and logs.
func (s *SyntheticSite) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Truth returns what each path gives, every one reachable from "/" except robots.txt. The map is the caller's.
func (s *SyntheticSite) Truth() map[string]Answer { return s.TruthAt("") }

// TruthAt is Truth with base, such as "http://127.0.0.1:41234", put before each path.
func (s *SyntheticSite) TruthAt(base string) map[string]Answer {
	base = strings.TrimSuffix(base, "/")
	truth := make(map[string]Answer, len(s.nodes))
	for path, n := range s.nodes {
		if path != "/robots.txt" {
			truth[base+path] = n.Answer
		}
	}
	return truth
}

// Log returns the requests so far, in the order in which their answers began.
func (s *SyntheticSite) Log() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Requests returns how many requests the log has.
func (s *SyntheticSite) Requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.log)
}

// Reset empties the log and makes the 503 pages fail once more.
func (s *SyntheticSite) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
	clear(s.seen)
}

// logged notes every request with the status of its answer.
func (s *SyntheticSite) logged(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entry := Request{Method: r.Method, URL: r.URL.RequestURI(), Time: time.Now(), Conn: r.RemoteAddr, Header: r.Header.Clone()}
		note := &noting{ResponseWriter: w, begin: func(status int) {
			entry.Status = status
			s.mu.Lock()
			s.log = append(s.log, entry)
			s.mu.Unlock()
		}}
		h.ServeHTTP(note, r)
		if note.begin != nil {
			note.begin(0)
		}
	})
}

// noting calls begin before the first byte of the answer goes out, so that the log never lags behind what a
// client has seen.
type noting struct {
	http.ResponseWriter
	begin func(status int)
}

func (n *noting) WriteHeader(status int) {
	if n.begin != nil {
		n.begin(status)
		n.begin = nil
	}
	n.ResponseWriter.WriteHeader(status)
}

func (n *noting) Write(p []byte) (int, error) {
	if n.begin != nil {
		n.WriteHeader(http.StatusOK)
	}
	return n.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController flush.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

func (s *SyntheticSite) answer(w http.ResponseWriter, r *http.Request) {
	n := s.nodes[r.URL.Path]
	switch {
	case !readOnly(w, r):
	case n == nil || n.Status == http.StatusNotFound:
		http.NotFound(w, r)
	case n.Retried && s.first(r.URL.Path):
		w.Header().Set("Retry-After", strconv.Itoa(int(s.opt.RetryAfter/time.Second)))
		http.Error(w, "503 come again", http.StatusServiceUnavailable)
	case n.Location != "":
		http.Redirect(w, r, n.Location, n.Status)
	default:
		s.send(w, r, n)
	}
}

// first says whether the path has not been asked for before.
func (s *SyntheticSite) first(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen[path] {
		return false
	}
	s.seen[path] = true
	return true
}

func (s *SyntheticSite) send(w http.ResponseWriter, r *http.Request, n *node) {
	h, body := w.Header(), n.body
	h.Set("Content-Type", n.header)
	if n.zipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = n.zipped
		}
	}
	if !s.opt.NoValidators {
		tag := etag(body)
		h.Set("ETag", tag)
		h.Set("Last-Modified", epoch.Format(http.TimeFormat))
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if n.chunked && r.Method == http.MethodGet {
		sendChunked(w, body)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodGet {
		w.Write(body)
	}
}

// sendChunked sends the body in four pieces; the first flush makes net/http use the chunked coding.
func sendChunked(w http.ResponseWriter, body []byte) {
	control := http.NewResponseController(w)
	for piece := range slices.Chunk(body, max(len(body)/4+1, 1)) {
		w.Write(piece)
		control.Flush()
	}
}

func acceptsGzip(r *http.Request) bool {
	for token := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, parameters, _ := strings.Cut(token, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") && !strings.Contains(strings.ReplaceAll(parameters, " ", ""), "q=0") {
			return true
		}
	}
	return false
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	io.Copy(zw, bytes.NewReader(body))
	zw.Close()
	return b.Bytes()
}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
