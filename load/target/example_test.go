package target_test

import (
	"fmt"
	"strings"

	"tandem/internal/transport"
	"tandem/load/target"
)

// A targets file in which one request is a template: what send i is can be told from i alone.
func Example() {
	c := target.DefaultConfig()
	c.Targets, c.Stdin = "-", strings.NewReader(`
GET http://127.0.0.1:8080/
Accept: text/html

POST http://127.0.0.1:8080/cart/{{seq}}
X-Request: {{random}}
`)
	set, err := c.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	var filled transport.Request
	for i := range int64(4) {
		t := set.Pick(i)
		req := set.Static(t)
		if req == nil {
			set.Fill(i, t, &filled)
			req = &filled
		}
		fmt.Println(set.Name(t), "→", req.Target.URI, req.Header)
	}
	// Output:
	// GET http://127.0.0.1:8080/ → / [[Accept text/html]]
	// POST http://127.0.0.1:8080/cart/{{seq}} → /cart/1 [[X-Request 1d7e1004042a60f8]]
	// GET http://127.0.0.1:8080/ → / [[Accept text/html]]
	// POST http://127.0.0.1:8080/cart/{{seq}} → /cart/3 [[X-Request a739558db9d0e353]]
}

// Checks are conditions on answers.
func ExampleSet_Verify() {
	c := target.DefaultConfig()
	c.URLs = []string{"http://127.0.0.1:8080/"}
	for _, text := range []string{"status=2xx", "header.content-type~^text/html", "body*=</html>"} {
		check, err := target.ParseCheck(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		c.Checks = append(c.Checks, check)
	}
	set, err := c.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	head := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
	if broken := set.Verify(0, 200, head, []byte("<html>cut off")); broken >= 0 {
		fmt.Println("broken:", set.CheckNames()[broken])
	}
	// Output: broken: body*=</html>
}
