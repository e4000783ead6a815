// Command closure says what a crawl of a site of plain files has to bring, and compares what clients stored with it.
//
//	closure expect ROOT SEED            the HTML URLs reached from SEED: path and query, SHA-256 of the file, by line
//	closure check EXPECT KIND DIR       KIND is wget2, colly or fetch; one line: files pages missing surplus wrong;
//	                                    the first of what is not as expected is named on standard error
//
// A page is wrong when the bytes stored are not those of the file (fetch: when the digest in index.cdxj is another).
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "closure:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "expect":
		return expect(args[1], args[2])
	case len(args) == 4 && args[0] == "check":
		return check(args[1], args[2], args[3])
	}
	return fmt.Errorf("usage: closure expect ROOT SEED | closure check EXPECT wget2|colly|fetch DIR")
}

func expect(root, seed string) error {
	var lines []string
	for uri, name := range walk(root, seed) {
		sum, err := sumOf(name)
		if err != nil {
			return err
		}
		lines = append(lines, uri+"\t"+sum+"\n")
	}
	slices.Sort(lines)
	w := bufio.NewWriter(os.Stdout)
	for _, l := range lines {
		if _, err := w.WriteString(l); err != nil {
			return err
		}
	}
	return w.Flush()
}

func check(list, kind, dir string) error {
	data, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	want := map[string]string{}
	for line := range strings.Lines(string(data)) {
		uri, sum, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		want[uri] = sum
	}
	if len(want) == 0 {
		return fmt.Errorf("read %q: no pages are expected", list)
	}
	read := map[string]func(string) (stored, error){"wget2": readMirror, "colly": readHashes(want), "fetch": readArchive}[kind]
	if read == nil {
		return fmt.Errorf("kind %q is none of wget2, colly, fetch", kind)
	}
	got, err := read(dir)
	if err != nil {
		return err
	}
	var right int
	var missing, surplus, wrong []string
	for uri, sum := range want {
		switch got.pages[uri] {
		case sum:
			right++
		case "":
			missing = append(missing, uri)
		default:
			wrong = append(wrong, uri)
		}
	}
	for uri := range got.pages {
		if want[uri] == "" {
			surplus = append(surplus, uri)
		}
	}
	name(kind, "missing", missing)
	name(kind, "surplus", surplus)
	name(kind, "wrong", wrong)
	fmt.Println(got.files, right, len(missing), len(surplus), len(wrong))
	return nil
}

func name(kind, what string, uris []string) {
	slices.Sort(uris)
	for _, u := range uris[:min(len(uris), 8)] {
		fmt.Fprintf(os.Stderr, "   %s: %s %s\n", kind, what, u)
	}
}

func sumOf(name string) (string, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
