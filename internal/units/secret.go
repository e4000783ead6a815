package units

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Masked stands in texts for a secret that is not to be read there. It is no secret itself: Reveal refuses it.
const Masked = "***"

const (
	secretEnv  = "env:"
	secretFile = "file:"
	maxSecret  = 64 << 10 // bytes of a file
)

// IsReference reports whether a job names a secret (env:NAME, file:PATH) instead of holding it.
func IsReference(s string) bool {
	return strings.HasPrefix(s, secretEnv) || strings.HasPrefix(s, secretFile)
}

// Reveal returns the secret that s is or names: env:NAME is an environment variable, file:PATH a file of at most 64 KiB without
// the line end at its end. Anything else is the secret. The error never holds the secret.
func Reveal(s string) (string, error) {
	switch {
	case s == Masked:
		return "", fmt.Errorf("%q: it was masked when the job was written; give it again, as env:NAME or file:PATH", s)
	case strings.HasPrefix(s, secretEnv):
		name := strings.TrimPrefix(s, secretEnv)
		if value := os.Getenv(name); value != "" {
			return value, nil
		}
		return "", fmt.Errorf("%q: the environment variable is not set", s)
	case strings.HasPrefix(s, secretFile):
		value, err := readSecret(strings.TrimPrefix(s, secretFile))
		if err != nil {
			return "", fmt.Errorf("%q: %w", s, err)
		}
		return value, nil
	}
	return s, nil
}

func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", err
	}
	if len(b) > maxSecret {
		return "", fmt.Errorf("it is longer than %d bytes", maxSecret)
	}
	b = bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
	if len(b) == 0 {
		return "", errors.New("it is empty")
	}
	return string(b), nil
}

// Mask returns what may be written of s: a reference as it is, Masked for a secret.
func Mask(s string) string {
	if s == "" || IsReference(s) {
		return s
	}
	return Masked
}

// SecretHeader reports whether a header's name says that its value is a secret.
func SecretHeader(name string) bool {
	name = strings.ToLower(name)
	for _, part := range [...]string{"cookie", "auth", "token", "key", "secret", "passw", "session", "credential", "signature", "csrf", "xsrf", "jwt"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}
