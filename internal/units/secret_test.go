package units

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReveal(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "file:" + path
	}
	t.Setenv("UNITS_SECRET", "from the environment")
	t.Setenv("UNITS_EMPTY", "")
	for ref, want := range map[string]string{
		"plain": "plain", "": "", "env:UNITS_SECRET": "from the environment",
		write("lf", "s3cret\n"): "s3cret", write("crlf", "s3cret\r\n"): "s3cret", write("bare", " s3 "): " s3 ",
	} {
		if got, err := Reveal(ref); err != nil || got != want {
			t.Errorf("%q: %q, %v", ref, got, err)
		}
	}
	for _, ref := range []string{
		Masked, "env:UNITS_EMPTY", "env:UNITS_NOT_THERE", "env:", "file:", "file:" + dir, "file:" + filepath.Join(dir, "none"),
		write("empty", "\n"), write("long", strings.Repeat("x", maxSecret+1)),
	} {
		if got, err := Reveal(ref); err == nil || got != "" || !strings.Contains(err.Error(), ref) {
			t.Errorf("%q: %q, %v", ref, got, err)
		}
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"": "", "s3cret": Masked, "env:A": "env:A", "file:/run/a": "file:/run/a"} {
		if got := Mask(s); got != want {
			t.Errorf("%q: %q", s, got)
		}
	}
}

func TestSecretHeader(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"Authorization": true, "X-Api-Key": true, "cookie": true, "X-CSRF-Token": true, "Accept": false, "X-Team": false, "": false,
	} {
		if got := SecretHeader(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}
