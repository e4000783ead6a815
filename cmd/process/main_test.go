package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tandem/pipeline/procpool"
	"tandem/store"
)

// asProgram makes the test binary the program itself.
const asProgram = "TANDEM_TEST_AS_PROCESS"

// TestMain lets the test binary be the program, and its own worker processes.
func TestMain(m *testing.M) {
	if procpool.IsWorker() || os.Getenv(asProgram) != "" {
		os.Exit(run(os.Args[1:]))
	}
	testscript.Main(m, map[string]func(){"process": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"archive": scriptArchive,
			"exits":   scriptExits,
		},
	})
}

// scriptArchive is `archive DIR PAGES`: a run directory as a crawl leaves it.
func scriptArchive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: archive DIR PAGES")
	}
	pages, err := strconv.Atoi(args[1])
	ts.Check(err)
	ts.Check(writeArchive(ts.MkAbs(args[0]), pages))
}

// scriptExits is `exits CODE COMMAND…`: the command ends with that exit code.
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGS…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if exit, ok := err.(*exec.ExitError); ok {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// writeArchive makes an archive of pages that all differ, of which the last
// nearly repeats the first, and of what is no page.
func writeArchive(dir string, pages int) error {
	w, err := store.OpenWriter(store.WriterConfig{Dir: filepath.Join(dir, "archive"), Run: "20260102T030405Z", SegmentBytes: 64 << 10})
	if err != nil {
		return err
	}
	add := func(path, media string, body string) error {
		head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", media, len(body))
		_, err := w.Append(&store.Exchange{URL: "http://site.test" + path, SURT: "test,site)" + path, Mime: media, Response: []byte(head + body),
			Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Meta: store.Meta{Depth: 1}})
		return err
	}
	for i := range pages {
		seed, word := i, ""
		if i == pages-1 {
			seed, word = 0, " once more"
		}
		if err := add(fmt.Sprintf("/p/%04d", i), "text/html", htmlPage(seed, word)); err != nil {
			return err
		}
	}
	if err := add("/style.css", "text/css", "a{}"); err != nil {
		return err
	}
	if err := add("/broken.png", "image/png", "\x89PNG\r\n\x1a\nno"); err != nil {
		return err
	}
	return w.Close()
}

func htmlPage(seed int, word string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!doctype html><title>Page %d</title><article><h1>Page %d</h1>", seed, seed)
	for p := range 30 {
		b.WriteString("<p>")
		for i := range 40 {
			fmt.Fprintf(&b, "the word%d of ", (seed*7919+p*104729+i*31)%5003)
		}
		b.WriteString("ends.</p>\n")
	}
	return b.String() + "<p>Here it ends" + word + ".</p></article>"
}

// program is a command that runs this program.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}
