package main

import "fmt"

// section is some words on one subject.
type section struct {
	Title string
	Lines []string
}

// say adds a sentence. It is formatted as by fmt.Sprintf.
func (s *section) say(format string, args ...any) {
	s.Lines = append(s.Lines, fmt.Sprintf(format, args...))
}

// The thresholds of the words.
const (
	alike = 0.10 // two speeds that are less apart than this share are about the same
	noisy = 0.25 // rounds that lie further apart than this share of their median
	// crowded is the share of the machine that other programs may use before a run is called disturbed.
	crowded = 0.15
)

// words says what the figures mean. Every sentence is chosen by figures of this run, and none says more than they do.
func words(f figures) []section {
	var all []section
	sections := []section{waiting(f), computing(f), allocating(f), wrong(f), trust(f)}
	if f.Quick || f.restless() {
		sections = []section{trust(f), waiting(f), computing(f), allocating(f), wrong(f)} // to be read first
	}
	for _, s := range sections {
		if len(s.Lines) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// compare returns -1, 0 or +1: whether a speed is below another one, about the same, or above.
func compare(a, b float64) int {
	switch {
	case a > b*(1+alike):
		return 1
	case a*(1+alike) < b:
		return -1
	}
	return 0
}

// speed returns the speed-up of an executor in a row; 0 if it was not measured.
func speed(r row, id string) float64 {
	if c := r.cell(id); c != nil {
		return c.Speedup.Median
	}
	return 0
}

// parallel returns how many goroutines can run at the same moment.
func (m machine) parallel() int { return min(m.Cores, m.Procs) }

// most returns the best speed-up that so many items in so many lanes can have.
func (j job) most() float64 {
	n, width := len(j.Items), max(j.Width, 1)
	if n == 0 {
		return 0
	}
	return float64(n) / float64((n+width-1)/width)
}

// waiting is about the I/O-bound row.
func waiting(f figures) section {
	s, r := section{Title: "Waiting"}, f.row(kindIO)
	all, one := speed(r, goAll), speed(r, goOne)
	if all == 0 {
		return s
	}
	switch best := r.Job.most(); {
	case all >= best/2:
		s.say("Waits overlap. With %d at once, goroutines finished %s as fast as one after the other; %.3g times is the most there can be.",
			r.Job.Width, fold(all), best)
	default:
		s.say("With %d at once, goroutines finished only %s as fast as one after the other, where %.3g times is the most there can be: "+
			"something other than waiting held them up.", r.Job.Width, fold(all), best)
	}
	switch {
	case f.Machine.parallel() == 1:
		s.say("One core did that: waiting needs none.")
	case order(r, goOne, goAll) == 0:
		s.say("One core is enough for that: goroutines on one core were about as fast (%s).", times(one))
	case order(r, goOne, goAll) < 0:
		s.say("Here one core was not enough: goroutines on one core reached %s, on all cores %s.", times(one), times(all))
	default:
		s.say("Goroutines were even faster on one core: %s against %s on all.", times(one), times(all))
	}
	s.say("%s%s.", versus(r, "Worker processes", goProcesses, "goroutines", goAll), price(r, goProcesses, goAll))
	if threads := speed(r, pyThreads); threads > 0 {
		s.python(f, r, threads)
	}
	return s
}

// python is about CPython's I/O-bound cells.
func (s *section) python(f figures, r row, threads float64) {
	switch {
	case threads < r.Job.most()/2:
		s.say("CPython's threads reached %s.", times(threads))
	case f.Machine.Python != nil && f.Machine.Python.GIL:
		s.say("CPython's threads overlap their waits, too (%s): a thread that waits lets go of the GIL.", times(threads))
	default:
		s.say("CPython's threads overlap their waits, too (%s).", times(threads))
	}
	s.say("%s%s.", versus(r, "CPython's processes", pyProcesses, "its threads", pyThreads), price(r, pyProcesses, pyThreads))
}

// order is compare for two executors; what was not so in all rounds but one counts as about the same.
func order(r row, id, other string) int {
	o := compare(speed(r, id), speed(r, other))
	if against, rounds := dissent(r.cell(id), r.cell(other), o); unclear(against, rounds) {
		return 0
	}
	return o
}

// unclear reports whether so many rounds say something else that nothing is said.
func unclear(against, rounds int) bool { return against > 1 || against == rounds && rounds > 0 }

// versus compares two executors. It says which one was faster only if that was so in all rounds but one.
func versus(r row, who, id, whom, other string) string {
	a, b := speed(r, id), speed(r, other)
	sign := compare(a, b)
	word := map[int]string{-1: "slower than", 0: "about as fast as", 1: "faster than"}[sign]
	figures := fmt.Sprintf("%s against %s", times(a), times(b))
	if against, rounds := dissent(r.cell(id), r.cell(other), sign); unclear(against, rounds) {
		return fmt.Sprintf("%s seemed %s %s (%s), but not in %d of %d rounds: take them as alike", who, word, whom, figures, against, rounds)
	}
	return fmt.Sprintf("%s were %s %s: %s", who, word, whom, figures)
}

// dissent counts the rounds in which two cells were not in that order.
func dissent(a, b *cell, sign int) (against, rounds int) {
	if a == nil || b == nil || sign == 0 {
		return 0, 0
	}
	rounds = min(len(a.Samples), len(b.Samples))
	for i := range rounds {
		if faster := a.Samples[i].Wall < b.Samples[i].Wall; faster != (sign > 0) {
			against++
		}
	}
	return against, rounds
}

// price compares the processor time of two executors; empty if it is unknown.
func price(r row, id, other string) string {
	a, b := r.cell(id), r.cell(other)
	if a == nil || b == nil || a.CPU <= 0 || b.CPU <= 0 {
		return ""
	}
	switch ratio := a.CPU.Seconds() / b.CPU.Seconds(); {
	case ratio >= 1.05:
		return fmt.Sprintf(", for %.1f times the processor time", ratio)
	case ratio <= 0.95:
		return fmt.Sprintf(", for %.0f %% of the processor time", 100*ratio)
	}
	return ", for about the same processor time"
}

// computing is about the CPU-bound row.
func computing(f figures) section {
	s, r := section{Title: "Computing"}, f.row(kindCPU)
	all, one, processes := speed(r, goAll), speed(r, goOne), speed(r, goProcesses)
	if all == 0 {
		return s
	}
	switch order(r, goOne, goSerial) {
	case 0:
		s.say("Goroutines on one core gained nothing (%s): they take turns. That is concurrency without parallelism.", times(one))
	case 1:
		s.say("Goroutines on one core reached %s, more than turns on one core can give: take it as noise.", times(one))
	default:
		s.say("Goroutines on one core were slower than one after the other (%s): taking turns gains nothing, and has its price.", times(one))
	}
	cores := f.Machine.parallel()
	switch {
	case f.Machine.Cores == 1:
		s.say("There is one core here, so nothing computes in parallel. What more cores would give goroutines and processes cannot " +
			"be seen on this machine.")
		s.say("%s%s.", versus(r, "Worker processes", goProcesses, "goroutines", goAll), price(r, goProcesses, goAll))
	case cores == 1:
		s.say("GOMAXPROCS is 1 of %d cores: goroutines take turns as CPython's threads do under the GIL (%s), and only processes "+
			"reach the other cores (%s). Without that setting goroutines reach them, too.", f.Machine.Cores, times(all), times(processes))
	default:
		s.say("On %d cores goroutines computed %s as fast as one after the other.", cores, fold(all))
		s.say("%s%s.", versus(r, "Worker processes", goProcesses, "goroutines", goAll), price(r, goProcesses, goAll))
		if possible := float64(min(cores, r.Job.Width)); all < enough*possible {
			s.say("That is less than %.0f %% of what the cores could give: they were busy with something else, or the items too short.", 100*enough)
		} else if order(r, goProcesses, goAll) <= 0 {
			s.say("So processes buy no speed here: Go has no GIL, and goroutines use every core already. What processes buy stands " +
				"below, under what goes wrong.")
		}
	}
	if threads := speed(r, pyThreads); threads > 0 {
		s.gil(f, r, threads)
	}
	return s
}

// gil is about CPython's CPU-bound cells.
func (s *section) gil(f figures, r row, threads float64) {
	locked, gained := f.Machine.Python == nil || f.Machine.Python.GIL, threads > 1+alike
	const pure = "The loop is pure Python; functions in C that let go of the GIL while they compute, hashlib's for one, would show " +
		"another figure."
	switch {
	case locked && !gained:
		s.say("CPython's threads gained nothing (%s): the GIL lets one thread at a time run Python. %s", times(threads), pure)
	case locked:
		s.say("CPython's threads reached %s although the GIL is on: take it as noise. %s", times(threads), pure)
	case gained:
		s.say("CPython's threads reached %s: the GIL is off in this Python.", times(threads))
	case f.Machine.Cores == 1:
		s.say("CPython's threads reached %s: the GIL is off, but there is one core.", times(threads))
	default:
		s.say("CPython's threads reached only %s, although the GIL is off.", times(threads))
	}
	if processes := speed(r, pyProcesses); order(r, pyProcesses, pyThreads) > 0 && processes > 1+alike {
		s.say("CPython's processes reached %s: there, processes are the way to more than one core.", times(processes))
	} else {
		s.say("%s.", versus(r, "CPython's processes", pyProcesses, "its threads", pyThreads))
	}
	g, p := r.cell(goSerial), r.cell(pySerial)
	if g == nil || p == nil || g.Time.Median <= 0 {
		return
	}
	if ratio := p.Time.Median / g.Time.Median; ratio >= 2 {
		s.say("The same loop, serial, took CPython %.0f times as long as Go. The choice of a language can weigh more than the choice "+
			"of an executor.", ratio)
	}
}

// allocating is about the allocation-heavy row.
func allocating(f figures) section {
	s, r := section{Title: "Allocating"}, f.row(kindAlloc)
	all := speed(r, goAll)
	if all == 0 {
		return s
	}
	if c := r.cell(goSerial); c.Time.Median > 0 && c.CPU.Seconds() > 1.1*c.Time.Median {
		s.say("One goroutine kept %s cores busy: Go's garbage collector works beside the program. What it takes there "+
			"cannot be gained by more goroutines.", cores(*c))
	}
	if f.Machine.parallel() > 1 {
		computed := speed(f.row(kindCPU), goAll)
		switch {
		case computed > 0 && compare(all, computed) < 0:
			s.say("Goroutines reached %s, less than the %s of pure computing: they share one heap, its collector and the machine's memory.",
				times(all), times(computed))
		default:
			s.say("Goroutines reached %s.", times(all))
		}
	}
	s.say("%s%s.", versus(r, "Worker processes", goProcesses, "goroutines", goAll), price(r, goProcesses, goAll))
	if f.Machine.parallel() > 1 {
		if order(r, goProcesses, goAll) > 0 {
			s.say("Each worker process has a heap and a collector of its own, which can be worth a process.")
		} else {
			s.say("A heap and a collector of its own for each worker bought no speed here.")
		}
	}
	if threads := speed(r, pyThreads); threads > 0 {
		s.say("CPython: threads %s, processes %s.", times(threads), times(speed(r, pyProcesses)))
	}
	return s
}
