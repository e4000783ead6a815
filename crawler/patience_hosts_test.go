package crawler

import (
	"errors"
	"testing"
	"time"

	"tandem/crawler/frontier"
	"tandem/crawler/weburl"
	"tandem/internal/transport"
)

// A host that answers promptly, but for some pages that hang, is waited for less long; one that never answered, or whose pages come
// after all, as long as the job says.
func TestPatience(t *testing.T) {
	t.Parallel()
	url, err := weburl.Parse("http://h.example/a")
	if err != nil {
		t.Fatal(err)
	}
	prompt := &transport.Response{Status: 200}
	slow := &transport.Response{Status: 200, Timing: transport.Timing{FirstByte: 3 * time.Second}}
	cut := &transport.Response{Status: 200, Truncated: transport.TruncatedTime}
	hung := &transport.Error{Class: transport.ClassTimeout, Temporary: true, Err: errors.New("silence")}
	reset := &transport.Error{Class: transport.ClassReset, Temporary: true, Err: errors.New("reset")}
	type try struct {
		attempt int
		resp    *transport.Response
		err     error
	}
	hang, good, again := try{1, nil, hung}, try{1, prompt, nil}, try{2, prompt, nil}
	for name, c := range map[string]struct {
		timeout time.Duration
		tries   []try
		want    time.Duration
	}{
		"nothing known":               {30 * time.Second, nil, 0},
		"prompt":                      {30 * time.Second, []try{good, good, good}, 0},
		"one page hung":               {30 * time.Second, []try{good, hang}, 0},
		"two pages hung":              {30 * time.Second, []try{good, hang, hang}, 10 * time.Second},
		"a hang and a drip":           {30 * time.Second, []try{good, hang, {1, cut, nil}}, 10 * time.Second},
		"four hung":                   {30 * time.Second, []try{good, hang, hang, hang, hang}, 5 * time.Second},
		"eight hung":                  {30 * time.Second, []try{good, hang, hang, hang, hang, hang, hang, hang, hang}, 3 * time.Second},
		"a long timeout":              {5 * time.Minute, []try{good, hang, hang, hang, hang}, 50 * time.Second},
		"a short timeout":             {3 * time.Second, []try{good, hang, hang, hang, hang}, 0},
		"never answered":              {30 * time.Second, []try{hang, hang, hang, hang}, 0},
		"always slow":                 {30 * time.Second, []try{{1, slow, nil}, hang, hang, hang}, 0},
		"resets are no hangs":         {30 * time.Second, []try{good, {1, nil, reset}, {1, nil, reset}}, 0},
		"what hung came after all":    {30 * time.Second, []try{good, hang, hang, again}, 0},
		"it is not forgotten at once": {30 * time.Second, []try{good, hang, hang, hang, hang, again}, 10 * time.Second},
	} {
		p := newPatience(c.timeout)
		for _, try := range c.tries {
			p.note(frontier.Item{Link: frontier.Link{URL: url}, Attempt: try.attempt}, try.resp, try.err)
		}
		if got := p.of("h.example:80"); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		if got := p.of("other.example:80"); got != 0 {
			t.Errorf("%s: another host: %v", name, got)
		}
	}
}
