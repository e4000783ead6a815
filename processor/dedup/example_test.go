package dedup_test

import (
	"fmt"
	"strings"

	"tandem/internal/simhash"
	"tandem/processor/dedup"
)

// Which of these pages are the same text, give or take a word?
func ExampleGroups() {
	sign := func(text string) []uint32 {
		var hashes []uint64
		for word := range strings.FieldsSeq(text) {
			hashes = append(hashes, simhash.Hash(word))
		}
		return simhash.MinHash(hashes)
	}
	var article strings.Builder
	for i := range 200 {
		fmt.Fprintf(&article, "word%d ", i)
	}
	items := []dedup.Item{
		{ID: "http://b.example/", Signature: sign(article.String())},
		{ID: "http://a.example/", Signature: sign(article.String() + "printed from our archive")},
		{ID: "http://c.example/", Signature: sign("another text entirely")},
	}
	for i, rep := range dedup.Groups(items, dedup.DefaultThreshold) {
		if rep != i {
			fmt.Println(items[i].ID, "is nearly", items[rep].ID)
		}
	}
	// Output: http://b.example/ is nearly http://a.example/
}

// A picture and its resized copy differ in a few bits of their perceptual hashes.
func ExampleImageGroups() {
	images := []dedup.Image{
		{ID: "logo-small.png", PHash: 0xc3a5_9669_0ff0_1234},
		{ID: "logo.png", PHash: 0xc3a5_9669_0ff0_1236},
		{ID: "cat.jpg", PHash: 0x1e87_55aa_f00f_c3c3},
	}
	fmt.Println(dedup.ImageGroups(images, dedup.DefaultDistance))
	// Output: [0 0 2]
}
