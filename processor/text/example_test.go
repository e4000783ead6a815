package text_test

import (
	"fmt"

	"tandem/processor/text"
)

// What does a page say? The title, the text without navigation and scripts, and what follows from its words.
func ExampleExtract() {
	page := `<title>Tyres</title><nav><a href="/">Home</a></nav>
<h1>Tyres for tandems</h1><p>Tandem tyres carry <b>two riders</b>,<br>so pump them up.</p><script>track()</script>`
	d, err := text.Extract(text.Input{Body: []byte(page), MediaType: "text/html; charset=utf-8"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(d.Title)
	fmt.Println(d.Text)
	fmt.Println(d.Words, "words,", d.Keywords[:2])
	// Output:
	// Tyres
	// Tyres for tandems
	//
	// Tandem tyres carry two riders,
	// so pump them up.
	// 12 words, [tyres tandem]
}
