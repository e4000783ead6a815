package enginetest

import (
	"context"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/load/engine"
	"tandem/load/recorder"
)

type recorderURL = recorder.URL

func noSuchHost(_ context.Context, host string) ([]netip.Addr, error) {
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

// named is the URL of srv by a name.
func named(srv *site) string {
	_, port, _ := net.SplitHostPort(srv.addr)
	return "http://two.example:" + port + "/"
}

// addresses has a name with two addresses, of which the first refuses.
func (s Subject) addresses(t *testing.T) {
	srv := serve(t, hello)
	var asked atomic.Int64
	k := &task{urls: []string{named(srv)}, total: 100, resolve: Options{Resolve: func(context.Context, string) ([]netip.Addr, error) {
		asked.Add(1)
		return []netip.Addr{netip.MustParseAddr("127.0.0.77"), netip.MustParseAddr("127.0.0.1")}, nil
	}}}
	o := s.perform(t, k)
	if o.Status["200"] != 100 || asked.Load() == 0 || asked.Load() > 4 || o.DNS.Count() == 0 || o.DNS.Count() > 4 {
		t.Errorf("%v, %v, asked %d times, %d lookups timed", o.Status, o.Errors, asked.Load(), o.DNS.Count())
	}
}

// slowLookup stops a job whose host is being looked up: results and stops do not wait for the resolver.
func (s Subject) slowLookup(t *testing.T) {
	srv := serve(t, hello)
	looking, done := make(chan struct{}, 100), make(chan struct{})
	k := &task{urls: []string{named(srv)}, length: time.Hour}
	k.resolve.Resolve = func(ctx context.Context, _ string) ([]netip.Addr, error) {
		looking <- struct{}{}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-done:
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
	}
	k.begun = func(job *engine.Job, _ context.CancelCauseFunc) {
		go func() {
			<-looking
			job.Recorder.Counts() // it would wait
			job.Plan.Stop()
			close(done)
		}()
	}
	o := s.perform(t, k)
	if o.took > 5*time.Second || o.Counts.Failed > 0 || o.Counts.Completed == 0 || o.Counts.Completed > 4 {
		t.Errorf("%v, %+v, %v", o.took, o.Counts, o.Errors)
	}
}

// peakMemory is the most that the process had resident, in bytes; 0 where the system does not tell.
func peakMemory() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(b), "VmHWM:")
	digits, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, _ := strconv.ParseInt(digits, 10, 64)
	return n << 10
}
