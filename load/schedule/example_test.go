package schedule_test

import (
	"fmt"
	"time"

	"tandem/load/schedule"
)

// The plan of a run that climbs to 4/s and stays there for a second.
func Example() {
	stages, err := schedule.ParseStages("2s:0..4,1s:4")
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := stages.Schedule()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan, plan.Length(), plan.Total())
	for i := range plan.Total() {
		fmt.Print(" ", plan.At(i).Round(time.Millisecond))
	}
	fmt.Println()
	fmt.Println(plan.Due(2500*time.Millisecond), plan.RateAt(time.Second))
	_, err = schedule.ParseStages("2s:0..4,1s:-4")
	fmt.Println(err)
	// Output:
	// stages 2s:0..4/s, 1s:4/s 3s 8
	//  0s 1s 1.414s 1.732s 2s 2.25s 2.5s 2.75s
	// 7 2
	// stage 2, "1s:-4": rate "-4": it is negative; want one such as "500", "500/s" or "30/m", or 0 for a pause
}
