package procpool

import (
	"os"
	"slices"
	"time"
)

// Stats are the counts of a pool so far.
type Stats struct {
	Workers      int           // alive now, without spare ones
	Spares       int           // workers that are ready to take a place
	SparePIDs    []int         // their process numbers
	Restarts     int           // workers that took the place of one that died or was recycled
	Crashes      int           // workers that died without being asked to
	Done         int           // calls that a worker answered
	Quarantined  int           // calls that ended with a CrashError
	Outstanding  int           // calls taken and not ended
	MaxWorkerRSS int64         // bytes: the most memory that any worker held, as far as known
	CPU          time.Duration // processor time of all workers, dead ones included; of the living on Linux only
	Limits       []string      // that workers really apply to themselves, or why not
	PerWorker    []WorkerStats // of the living, oldest first
}

// WorkerStats are the counts of one living worker.
type WorkerStats struct {
	PID      int
	Done     int // calls it answered
	InFlight int // calls it has and has not answered
	Started  time.Time
	PeakRSS  int64         // bytes; 0 where unknown
	CPU      time.Duration // processor time; 0 where unknown
}

// counts is what a pool counts. It is guarded by Pool.mu.
type counts struct {
	restarts, crashes, done, quarantined int
	maxRSS                               int64
	cpu                                  time.Duration
	limits                               []string
}

// bury adds what a dead worker used.
func (c *counts) bury(w *worker, state *os.ProcessState) {
	c.maxRSS = max(c.maxRSS, w.peak(state))
	if state != nil {
		c.cpu += state.UserTime() + state.SystemTime()
	}
}

const clockTick = 10 * time.Millisecond // of /proc, on every Linux that Go runs on

// Stats returns the counts so far. It reads a few small files per worker.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Stats{
		Workers: len(p.workers), Restarts: p.counts.restarts, Crashes: p.counts.crashes, Done: p.counts.done,
		Quarantined: p.counts.quarantined, Outstanding: p.outstanding, MaxWorkerRSS: p.counts.maxRSS,
		CPU: p.counts.cpu, Limits: slices.Clone(p.counts.limits),
	}
	for _, w := range p.ready {
		s.SparePIDs = append(s.SparePIDs, w.pid)
		s.CPU += time.Duration(cpuTicks(w.pid)) * clockTick
	}
	s.Spares = len(s.SparePIDs)
	for w := range p.workers {
		ws := WorkerStats{PID: w.pid, Done: w.done, InFlight: len(w.inflight), Started: w.born,
			PeakRSS: max(w.sampled, w.mark.w.rss.Load())}
		if !w.buried { // else the number may be another process's
			w.sampled = max(w.sampled, peakMemory(w.pid))
			ws.PeakRSS, ws.CPU = max(ws.PeakRSS, w.sampled), time.Duration(cpuTicks(w.pid))*clockTick
		}
		s.MaxWorkerRSS = max(s.MaxWorkerRSS, ws.PeakRSS)
		s.CPU += ws.CPU
		s.PerWorker = append(s.PerWorker, ws)
	}
	slices.SortFunc(s.PerWorker, func(a, b WorkerStats) int { return a.Started.Compare(b.Started) })
	return s
}

// answers returns how many calls workers have answered.
func (p *Pool) answers() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts.done
}
