package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"
)

// Logging is where a program's log goes and how much of it. The zero value logs warnings and errors as text on standard
// error.
type Logging struct {
	// Writer receives the log; a progress display can be put here, so that lines do not tear its bars. Defaults to
	// standard error.
	Writer io.Writer

	level  choice
	format choice
}

// Bind adds --log-level and --log-format to a flag set.
func (l *Logging) Bind(fs *pflag.FlagSet) {
	l.level = choice{"warn", []string{"debug", "info", "warn", "error"}}
	l.format = choice{"text", []string{"text", "json"}}
	fs.Var(&l.level, "log-level", "how much is logged on standard error: "+strings.Join(l.level.allowed, ", "))
	fs.Var(&l.format, "log-format", "how it is logged: "+strings.Join(l.format.allowed, ", "))
}

// Logger returns the logger that the flags describe.
func (l *Logging) Logger() *slog.Logger {
	w := l.Writer
	if w == nil {
		w = os.Stderr
	}
	level := slog.LevelWarn
	switch l.level.value {
	case "debug":
		level = slog.LevelDebug
	case "info":
		level = slog.LevelInfo
	case "error":
		level = slog.LevelError
	}
	options := &slog.HandlerOptions{Level: level}
	if l.format.value == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// choice is a flag with a few allowed values.
type choice struct {
	value   string
	allowed []string
}

// String returns the value.
func (c *choice) String() string { return c.value }

// Type names the kind of value in the help.
func (c *choice) Type() string { return "NAME" }

// Set accepts one of the allowed values.
func (c *choice) Set(text string) error {
	for _, a := range c.allowed {
		if text == a {
			c.value = text
			return nil
		}
	}
	return fmt.Errorf("want one of %s", strings.Join(c.allowed, ", "))
}
