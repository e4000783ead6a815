package crawler

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// counters are the part of a Summary that adds up over resumes. They are kept
// in the frontier beside the done marks they count.
type counters struct {
	Started       time.Time        `json:"started"`
	Elapsed       time.Duration    `json:"elapsed"`
	Fetched       int64            `json:"fetched"`
	Pages         int64            `json:"pages"`
	Requisites    int64            `json:"requisites"`
	Unchanged     int64            `json:"unchanged"`
	Truncated     int64            `json:"truncated"`
	Bytes         int64            `json:"bytes"`
	Status        map[string]int64 `json:"status"`
	Errors        map[string]int64 `json:"errors"`
	Skipped       map[string]int64 `json:"skipped"`
	Traps         map[string]int64 `json:"traps"`
	Failures      []Failure        `json:"failures"`
	Items         int64            `json:"items"`
	ItemsDropped  int64            `json:"items_dropped"`
	Retries       int64            `json:"retries"`
	Slowed        int64            `json:"slowed"`
	RobotsFetched int64            `json:"robots_fetched"`
	Sitemaps      Sitemaps         `json:"sitemaps"`
	CPU           time.Duration    `json:"cpu"`
	MaxRSS        int64            `json:"max_rss"`
	Resumed       int              `json:"resumed"`
	WaitedNS      map[string]int64 `json:"waited_ns"`
}

func newCounters(now time.Time) counters {
	return counters{
		Started: now.UTC(), Status: map[string]int64{}, Errors: map[string]int64{},
		Skipped: map[string]int64{}, Traps: map[string]int64{}, WaitedNS: map[string]int64{},
	}
}

// stored counts one archived response.
func (c *counters) stored(s Stored) {
	c.Fetched++
	c.Status[strconv.Itoa(s.Status)]++
	switch {
	case s.page():
		c.Pages++
	case s.Sitemap:
		if isSuccess(s.Status) || s.Revisit {
			c.Sitemaps.Files++
		}
	case s.Requisite && (isSuccess(s.Status) || s.Revisit):
		c.Requisites++
	}
	if s.Revisit {
		c.Unchanged++
	}
	if s.Truncated != "" {
		c.Truncated++
	}
}

// took counts the items of one response.
func (c *counters) took(t taken) {
	c.Items += t.items
	c.ItemsDropped += t.dropped
}

// maxFailures is how many failures a summary names.
const maxFailures = 10

// fail counts a URL that was given up.
func (c *counters) fail(url, class string) {
	c.Errors[class]++
	if len(c.Failures) < maxFailures {
		c.Failures = append(c.Failures, Failure{url, class})
	}
}

// clone copies the counters and their maps.
func (c counters) clone() counters {
	c.Status = maps.Clone(c.Status)
	c.Errors = maps.Clone(c.Errors)
	c.Skipped = maps.Clone(c.Skipped)
	c.Traps = maps.Clone(c.Traps)
	c.WaitedNS = maps.Clone(c.WaitedNS)
	c.Failures = slices.Clone(c.Failures)
	return c
}

// parseCounters reads a snapshot; a missing or unreadable one is nil.
func parseCounters(snapshot string) *counters {
	if snapshot == "" {
		return nil
	}
	c := newCounters(time.Time{})
	if json.Unmarshal([]byte(snapshot), &c) != nil {
		return nil
	}
	return &c
}

// appendTo appends the counters in JSON, as parseCounters reads them: written by hand, because it is done for every page. A test holds
// it to encoding/json.
func (c *counters) appendTo(b []byte) []byte {
	b = append(b, `{"started":"`...)
	b = c.Started.AppendFormat(b, time.RFC3339Nano)
	b = append(b, '"')
	for _, n := range [...]struct {
		name  string
		value int64
	}{
		{"elapsed", int64(c.Elapsed)}, {"fetched", c.Fetched}, {"pages", c.Pages}, {"requisites", c.Requisites},
		{"unchanged", c.Unchanged}, {"truncated", c.Truncated}, {"bytes", c.Bytes}, {"items", c.Items}, {"items_dropped", c.ItemsDropped},
		{"retries", c.Retries}, {"slowed", c.Slowed}, {"robots_fetched", c.RobotsFetched}, {"cpu", int64(c.CPU)}, {"max_rss", c.MaxRSS},
		{"resumed", int64(c.Resumed)},
	} {
		b = appendNumber(append(b, ','), n.name, n.value)
	}
	for _, m := range [...]struct {
		name   string
		counts map[string]int64
	}{{"status", c.Status}, {"errors", c.Errors}, {"skipped", c.Skipped}, {"traps", c.Traps}, {"waited_ns", c.WaitedNS}} {
		b = appendCounts(append(b, ','), m.name, m.counts)
	}
	b = append(b, `,"sitemaps":{`...)
	b = appendNumber(b, "files", c.Sitemaps.Files)
	b = appendNumber(append(b, ','), "urls", c.Sitemaps.URLs)
	b = appendNumber(append(b, ','), "errors", c.Sitemaps.Errors)
	b = appendNumber(append(b, ','), "refused", c.Sitemaps.Refused)
	b = append(b, `},"failures":[`...)
	for i, f := range c.Failures {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"url":`...), f.URL)
		b = appendText(append(b, `,"class":`...), f.Class)
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

func appendNumber(b []byte, name string, n int64) []byte {
	return strconv.AppendInt(append(appendText(b, name), ':'), n, 10)
}

func appendCounts(b []byte, name string, counts map[string]int64) []byte {
	b = append(appendText(b, name), ":{"...)
	first := true
	for key, n := range counts {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = appendNumber(b, key, n)
	}
	return append(b, '}')
}

// appendText appends a string in JSON.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil { // of a string: cannot happen
				quoted = []byte(`""`)
			}
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
