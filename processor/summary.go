package processor

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// State is how a run ended.
type State string

// The states of a run.
const (
	Complete    State = "complete"
	Interrupted State = "interrupted"
	Failed      State = "failed"
)

// Summary is what a run did: process.json.
type Summary struct {
	State   State     `json:"state"`
	Error   string    `json:"error,omitempty"`
	Started time.Time `json:"started"`
	// Executor and Workers say what computed.
	Executor string   `json:"executor"`
	Workers  int      `json:"workers"`
	Inputs   []string `json:"inputs"`
	// Run is the newest run that was processed.
	Run string `json:"run"`
	// Documents and Images count rows with content: of the newest run of each
	// archive, and of all other inputs. Runs counts each run.
	Documents int64 `json:"documents"`
	Images    int64 `json:"images"`
	// Quarantined counts the records of those runs that could not be computed,
	// QuarantinedBy by reason.
	Quarantined   int64            `json:"quarantined"`
	QuarantinedBy map[string]int64 `json:"quarantined_by"`
	// Skipped counts records and results that needed no work, SkippedBy by
	// reason; "finished" results were there already.
	Skipped   int64            `json:"skipped"`
	SkippedBy map[string]int64 `json:"skipped_by"`
	// Items counts what was computed in this run, by distinct key.
	Items     int64   `json:"items"`
	DurationS float64 `json:"duration_s"`
	// ComputeS is the part of the duration in which workers computed.
	ComputeS float64 `json:"compute_s"`
	// CPUS is the processor time of this process and all its workers, the
	// comparison excepted.
	CPUS        float64 `json:"cpu_s"`
	ItemsPerS   float64 `json:"items_per_s"` // over ComputeS
	WorkerCPUS  float64 `json:"worker_cpu_s"`
	MaxRSSBytes int64   `json:"max_rss_bytes"` // of this process
	// WorkerRestarts counts workers that took the place of another.
	WorkerRestarts    int   `json:"worker_restarts"`
	MaxWorkerRSSBytes int64 `json:"max_worker_rss_bytes"`
	// Limits are those that were really applied, and what was not.
	Limits []string `json:"limits"`
	// Damaged lists where inputs could not be read; at most 1000 places.
	Damaged      []Damage `json:"damaged,omitempty"`
	DamagedTotal int64    `json:"damaged_total"`
	// Runs are all in the dataset, by id, also those of earlier starts.
	Runs    []RunRows   `json:"runs"`
	Compare *Comparison `json:"compare,omitempty"`
}

// Damage is a place in an input that could not be read.
type Damage struct {
	Segment string `json:"segment"` // path of the WARC file
	Offset  int64  `json:"offset"`
	Error   string `json:"error"`
}

// RunRows is one run of the inputs in the dataset.
type RunRows struct {
	Run         string           `json:"run"`
	Documents   int64            `json:"documents"`
	Images      int64            `json:"images"`
	Gone        int64            `json:"gone"`
	Quarantined int64            `json:"quarantined"`
	Changes     map[string]int64 `json:"changes"`
	Files       []string         `json:"files"`
	// Stamp is a digest of what the files were built from; equal stamps make
	// equal files, and the next start leaves them alone.
	Stamp string `json:"stamp"`

	newest bool
	by     map[string]int64
}

// Comparison is the same sample computed by one worker and by all.
type Comparison struct {
	Items int      `json:"items"`
	One   Measured `json:"one"`
	All   Measured `json:"all"`
	// Speedup is how many times faster all workers were.
	Speedup float64 `json:"speedup"`
	// Equal says that both computed the same results.
	Equal bool `json:"equal"`
}

// Measured is one pass over the sample.
type Measured struct {
	Workers   int     `json:"workers"`
	DurationS float64 `json:"duration_s"`
	ItemsPerS float64 `json:"items_per_s"`
	CPUS      float64 `json:"cpu_s"`
}

// Progress is how far a run is.
type Progress struct {
	Done, Known int64 // items computed, and found to be computed so far
	Quarantined int64
	Restarts    int
	PerWorker   []int // items of each living worker process
	Phase       string
}

const maxDamaged = 1000

// tally counts while a run goes on. Safe for concurrent use.
type tally struct {
	mu          sync.Mutex
	skipped     map[string]int64 // guards this and everything below
	damaged     []Damage
	damageCount int64
	known, done int64
	bad         int64
	phase       string
	computing   time.Duration
}

func newTally() *tally { return &tally{skipped: make(map[string]int64)} }

func (t *tally) skip(why string, n int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.skipped[why] += n
}

func (t *tally) listed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known++
}

func (t *tally) finish(quarantined bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done++
	if quarantined {
		t.bad++
	}
}

func (t *tally) enter(phase string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phase = phase
}

func (t *tally) computed(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.computing += d
}

func (t *tally) damage(d Damage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.damageCount++; len(t.damaged) < maxDamaged {
		t.damaged = append(t.damaged, d)
	}
}

// fill copies the counts into a summary.
func (t *tally) fill(s *Summary) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.SkippedBy = maps.Clone(t.skipped)
	s.SkippedBy[skipFinished] += 0 // scripts may rely on the key
	for _, n := range t.skipped {
		s.Skipped += n
	}
	s.Items, s.ComputeS = t.done, seconds(t.computing)
	if t.computing > 0 {
		s.ItemsPerS = round(float64(t.done) / t.computing.Seconds())
	}
	s.Damaged, s.DamagedTotal = slices.Clone(t.damaged), t.damageCount
	slices.SortStableFunc(s.Damaged, func(a, b Damage) int {
		if c := strings.Compare(a.Segment, b.Segment); c != 0 {
			return c
		}
		return int(a.Offset - b.Offset)
	})
}

func seconds(d time.Duration) float64 { return float64(d.Milliseconds()) / 1000 }

// round keeps two decimals.
func round(f float64) float64 { return float64(int64(f*100+0.5)) / 100 }
