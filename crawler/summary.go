package crawler

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// State is where a run stands.
type State string

// The states of a run. Complete and Budget are finished: the next start
// fetches every known URL again. The others resume.
const (
	Running     State = "running"
	Complete    State = "complete"
	Budget      State = "budget"
	Interrupted State = "interrupted"
	Failed      State = "failed"
)

// Finished reports whether the next start begins a new run.
func (s State) Finished() bool { return s == Complete || s == Budget }

// Summary is what a crawl did, over all resumes of its run: crawl.json.
type Summary struct {
	State     State     `json:"state"`
	Run       string    `json:"run"` // UTC start, 20260102T030405Z
	Error     string    `json:"error,omitempty"`
	Started   time.Time `json:"started"`
	DurationS float64   `json:"duration_s"`
	// Fetched counts responses stored, whatever their status.
	Fetched int64 `json:"fetched"`
	// Pages counts 2xx and 304 responses that are not page requisites.
	Pages int64 `json:"pages"`
	// Requisites counts 2xx and 304 responses that are; sitemaps count apart.
	Requisites int64 `json:"requisites"`
	// Unchanged counts responses stored as revisit records.
	Unchanged int64 `json:"unchanged"`
	// Truncated counts responses of which the archive holds a part.
	Truncated int64 `json:"truncated"`
	// Bytes received: heads and bodies, as on the wire.
	Bytes int64 `json:"bytes"`
	// Stored is the size of the archive's sealed segments, compressed.
	Stored int64            `json:"stored_bytes"`
	Status map[string]int64 `json:"status"`
	// Errors counts URLs given up, by class.
	Errors map[string]int64 `json:"errors"`
	// Skipped counts links not followed (scope, seen, depth, trap) and queued
	// URLs not fetched (robots, private_address, budget).
	Skipped map[string]int64 `json:"skipped"`
	// Traps tells skipped.trap by kind: repeat, growth, calendar, facets,
	// session, same, redirect; see trap.go.
	Traps map[string]int64 `json:"traps"`
	// Failures are the first URLs given up; inlinks.jsonl has them all.
	Failures []Failure `json:"failures,omitempty"`
	// Items counts what the extraction rules took out of this run's responses;
	// items.jsonl has those of unchanged pages, too.
	Items int64 `json:"items"`
	// ItemsDropped counts items that lacked a required field or were beyond the
	// limits of a page.
	ItemsDropped int64 `json:"items_dropped"`
	// Retries counts tries beyond a URL's first.
	Retries int64 `json:"retries"`
	// Slowed counts how often a host was found to have too much to do, and asked less often.
	Slowed  int64 `json:"slowed"`
	Hosts   int64 `json:"hosts"`
	Known   int64 `json:"known"`
	Pending int64 `json:"pending"`
	// RobotsFetched counts robots.txt requests; they are not archived.
	RobotsFetched int64 `json:"robots_fetched"`
	// Sitemaps counts the files that were read for the URLs they list. They are
	// neither pages nor requisites.
	Sitemaps Sitemaps `json:"sitemaps"`
	// WaitedS sums over all workers what they waited for, in seconds.
	WaitedS     map[string]float64 `json:"waited_s"`
	CPUS        float64            `json:"cpu_s"`
	MaxRSSBytes int64              `json:"max_rss_bytes"`
	// Resumed counts the starts after the first.
	Resumed int `json:"resumed"`
	// Recovered says what the last start had to mend.
	Recovered Mended `json:"recovered"`
}

// Failure is a URL that was given up, and why.
type Failure struct {
	URL   string `json:"url"`
	Class string `json:"class"`
}

// Mended is what recovery found after a crash.
type Mended struct {
	CutBytes  int64 `json:"cut_bytes"`  // torn tail of the open segment
	Requeued  int64 `json:"requeued"`   // done marks whose record was lost
	Replayed  int64 `json:"replayed"`   // records whose done mark was lost
	Rebuilt   int64 `json:"rebuilt"`    // segments listed again in the manifest
	TornLines int64 `json:"torn_lines"` // manifest lines cut
}

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
