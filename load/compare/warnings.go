package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/units"
)

// leastSlices is how many slices an interval should stand on.
const leastSlices = 5

// warnings tell why the comparison may mislead.
func warnings(a, b *Run, paired bool) []string {
	list := []string{}
	warn := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	for _, r := range []struct {
		name string
		run  *Run
	}{{"A", a}, {"B", b}} {
		if r.run.State == "interrupted" {
			warn("%s was interrupted", r.name)
		}
		switch v := r.run.Verdict; v {
		case "", "ok":
		case "connections-limited":
			warn("%s got less load than was asked for: %s", r.name, strings.Join(r.run.Reasons, "; "))
		default:
			warn("%s is %s, its numbers may be about the client: %s", r.name, v, strings.Join(r.run.Reasons, "; "))
		}
		if n := len(r.run.Slices); n < leastSlices {
			warn("%s has %d slices: fewer than %d give no interval to rely on", r.name, n, leastSlices)
		}
	}
	if !a.Started.IsZero() && a.Started.Equal(b.Started) && a.Completed == b.Completed && !paired {
		warn("A and B are the same run")
	}
	return append(list, differences(a, b, paired)...)
}

// differences name what should be the same in two runs that are compared.
func differences(a, b *Run, paired bool) []string {
	var list []string
	differ := func(what, va, vb string) {
		if va != vb {
			list = append(list, fmt.Sprintf("the %s differ: A %s, B %s", what, va, vb))
		}
	}
	differ("loops", a.Loop, b.Loop)
	differ("rates", number(a.Rate)+"/s", number(b.Rate)+"/s")
	differ("schedules", a.Schedule, b.Schedule)
	differ("connections", strconv.Itoa(a.Connections), strconv.Itoa(b.Connections))
	differ("methods", a.Method, b.Method)
	differ("engines", a.Engine, b.Engine)
	differ("pipelined requests", strconv.Itoa(a.Pipeline), strconv.Itoa(b.Pipeline))
	differ("streams", strconv.Itoa(a.Streams), strconv.Itoa(b.Streams))
	differ("numbers of targets", strconv.Itoa(a.Targets), strconv.Itoa(b.Targets))
	if !paired && !slices.Equal(a.URLs, b.URLs) {
		list = append(list, fmt.Sprintf("the targets differ: A %s, B %s", targets(a.URLs), targets(b.URLs)))
	}
	return list
}

func targets(urls []string) string {
	if len(urls) == 0 {
		return "none named"
	}
	text := urls[0]
	if len(text) > 200 {
		text = text[:200] + "…"
	}
	if n := len(urls) - 1; n > 0 {
		text += " and " + units.FormatCount(int64(n)) + " more"
	}
	return text
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
