package compare

import "fmt"

// Turns makes one run of several short ones that were made in turn with others: each becomes a slice, all its own slices together.
// Runs must have at least one, and none of them is used any more.
func Turns(name string, runs []*Run) *Run {
	all := *runs[0]
	all.Name, all.State, all.Verdict = name, "complete", "ok"
	all.Duration, all.Completed, all.Failed, all.Dropped, all.CPU = 0, 0, 0, 0, 0
	all.Slices, all.Reasons = nil, nil
	verdicts := map[string]int{}
	for _, r := range runs {
		one := r.Slices[0]
		for _, s := range r.Slices[1:] {
			one = join(one, s)
		}
		all.Slices = append(all.Slices, one)
		all.Duration += r.Duration
		all.Completed, all.Failed, all.Dropped = all.Completed+r.Completed, all.Failed+r.Failed, all.Dropped+r.Dropped
		all.CPU += r.CPU
		if r.Verdict != "ok" && r.Verdict != "" {
			verdicts[r.Verdict]++
		}
	}
	for _, v := range []string{"connections-limited", "client-limited"} {
		if n := verdicts[v]; n > 0 {
			all.Verdict = v
			all.Reasons = append(all.Reasons, fmt.Sprintf("%s in %d of %d turns", v, n, len(runs)))
		}
	}
	return &all
}
