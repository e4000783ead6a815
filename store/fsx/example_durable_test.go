package fsx_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tandem/store/fsx"
)

// How does a test see what a full disk does?
func ExampleFault() {
	dir, err := os.MkdirTemp("", "fsx")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "crawl.json")

	full := fsx.NewFault(fsx.OS(), fsx.FailNth(fsx.OpWrite, 2, errors.New("disk full")))
	fmt.Println(fsx.WriteFile(full, name, []byte("first")))
	err = fsx.WriteFile(full, name, []byte("second"))
	kept, _ := os.ReadFile(name)
	fmt.Println(err != nil, string(kept))
	// Output:
	// <nil>
	// true first
}
