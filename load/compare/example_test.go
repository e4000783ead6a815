package compare_test

import (
	"fmt"

	"tandem/load/compare"
)

// Two runs of twenty seconds, the second one a fifth slower.
func ExampleCompare() {
	run := func(name string, median float64) *compare.Run {
		r := &compare.Run{Name: name, Loop: "closed", Duration: 20, Completed: 20_000}
		for i := range 20 {
			at := median + float64(i%3) // µs
			times := compare.Times{{Low: at, High: at + 10, Count: 980}, {Low: 5 * at, High: 5*at + 10, Count: 20}}
			r.Slices = append(r.Slices, compare.Slice{Length: 1, Completed: 1000, Response: times, Service: times})
		}
		return r
	}
	report, err := compare.Compare(run("before", 1000), run("after", 1200), compare.Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	p50 := report.Metrics[0]
	fmt.Println(p50.Name, p50.FormatChange(), p50.Verdict)
	fmt.Println(report.Verdict)
	// Output:
	// response.p50 +19.9 % worse
	// worse
}
