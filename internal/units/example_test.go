package units_test

import (
	"fmt"

	"tandem/internal/units"
)

// A unit is read from a flag or a job file and printed back in the same form.
func Example() {
	var body units.Size
	var rate units.Rate
	var limit units.Duration
	fmt.Println(body.Set("32 MiB"), body, body.Int64())
	fmt.Println(rate.Set("30/m"), rate, rate.PerSecond())
	fmt.Println(limit.Set("90m"), limit, limit.D())
	fmt.Println(rate.Set("-1/s") != nil, rate)
	// Output:
	// <nil> 32MiB 33554432
	// <nil> 30/m 0.5
	// <nil> 1h30m 1h30m0s
	// true 30/m
}
