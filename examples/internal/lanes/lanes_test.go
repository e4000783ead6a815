package lanes_test

import (
	"os"
	"time"

	"tandem/examples/internal/lanes"
)

func ExampleChart() {
	c := lanes.New("cashier 1", "cashier 2")
	const ms = time.Millisecond
	c.Add("cashier 1", 'A', 0, 60*ms)
	c.Add("cashier 1", 'C', 60*ms, 120*ms)
	c.Add("cashier 2", 'B', 0, 90*ms)
	c.Add("the door", '!', 119*ms, 119*ms) // too short to see: one column all the same
	if err := c.Draw(os.Stdout, 24); err != nil {
		panic(err)
	}
	// Output:
	// cashier 1 |AAAAAAAAAAAACCCCCCCCCCCC|
	// cashier 2 |BBBBBBBBBBBBBBBBBB      |
	// the door  |                       !|
	//           0                   120ms
}
