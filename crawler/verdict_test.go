package crawler

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"

	"tandem/internal/transport"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for value, want := range map[string]struct {
		d    time.Duration
		told bool
	}{
		"":                              {0, false},
		"soon":                          {0, false},
		"-1":                            {0, false},
		"0":                             {0, true},
		" 7 ":                           {7 * time.Second, true},
		"86400":                         {maxRetryAfter, true},
		"99999999999999999999999":       {maxRetryAfter, true},
		"Fri, 02 Jan 2026 03:04:35 GMT": {30 * time.Second, true},
		"Fri, 02 Jan 2026 03:00:00 GMT": {0, true},
		"Sun, 02 Jan 2028 03:00:00 GMT": {maxRetryAfter, true},
	} {
		if d, told := retryAfter(value, now); d != want.d || told != want.told {
			t.Errorf("retryAfter(%q) = %v, %v; want %v, %v", value, d, told, want.d, want.told)
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	now := time.Now()
	status := func(n int, head string) *transport.Response {
		return &transport.Response{Status: n, Head: []byte("HTTP/1.1 000 x\r\n" + head + "\r\n")}
	}
	failure := func(class string, temporary bool) error {
		return &transport.Error{Class: class, Temporary: temporary, Err: errors.New("x")}
	}
	starved := &transport.Error{Class: transport.ClassResources, Temporary: true, Err: fmt.Errorf("socket: %w", syscall.EMFILE)}
	for name, c := range map[string]struct {
		resp    *transport.Response
		err     error
		attempt int
		want    verdict
	}{
		"no descriptors, 99th": {nil, starved, 99, verdict{retry: true, after: awayBackoff, class: "resources"}},
		"ok":                   {status(200, ""), nil, 1, verdict{}},
		"not found":            {status(404, ""), nil, 1, verdict{}},
		"503 first":            {status(503, ""), nil, 1, verdict{retry: true, after: time.Second, class: "status_503"}},
		"503 told":             {status(503, "Retry-After: 9\r\n"), nil, 2, verdict{retry: true, after: 9 * time.Second, pause: 9 * time.Second, class: "status_503"}},
		"503 told a minute":    {status(503, "Retry-After: 60\r\n"), nil, 1, verdict{retry: true, after: time.Minute, pause: time.Minute, class: "status_503"}},
		"503 told a day":       {status(503, "Retry-After: 86400\r\n"), nil, 1, verdict{later: true, class: "status_503"}},
		"429 told two minutes": {status(429, "Retry-After: 120\r\n"), nil, 1, verdict{later: true, class: "status_429"}},
		"503 told at once":     {status(503, "Retry-After: 0\r\n"), nil, 1, verdict{retry: true, after: time.Second, class: "status_503"}},
		"503 last":             {status(503, ""), nil, 3, verdict{after: 4 * time.Second, class: "status_503"}},
		"429 pauses the host":  {status(429, ""), nil, 2, verdict{retry: true, after: 2 * time.Second, pause: 2 * time.Second, class: "status_429"}},
		"500":                  {status(500, ""), nil, 1, verdict{retry: true, after: time.Second, class: "status_500"}},
		"cut body":             {&transport.Response{Status: 200, Truncated: "disconnect"}, nil, 1, verdict{retry: true, after: time.Second, class: "cut_disconnect"}},
		"long body":            {&transport.Response{Status: 200, Truncated: "length"}, nil, 1, verdict{}},
		"reset":                {nil, failure("reset", true), 1, verdict{retry: true, after: time.Second, class: "reset"}},
		"reset, last":          {nil, failure("reset", true), 3, verdict{after: 4 * time.Second, class: "reset"}},
		"malformed":            {nil, failure("malformed", false), 1, verdict{after: time.Second, class: "malformed"}},
		"private":              {nil, failure("private_address", false), 1, verdict{class: "private_address", skip: true}},
	} {
		if got := judge(c.resp, c.err, c.attempt, now); got != c.want {
			t.Errorf("%s: judge = %+v, want %+v", name, got, c.want)
		}
	}
}
