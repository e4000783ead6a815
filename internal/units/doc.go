// Package units holds the quantities that people write in flags and job files, and the way they are printed back.
//
//	text in a flag or a job file          value in a program           text for people
//	"64MiB" "1GB" "1024"          ─►  Size, bytes          ─►  FormatSize      "64.0 MiB"
//	"200/s" "30/m" "0"            ─►  Rate, per second     ─►  Rate.String     "200/s"
//	"30s" "1h30m" "1d"            ─►  Duration             ─►  FormatDuration  "1m 03s"
//	"^/docs/"                     ─►  Pattern, RE2
//	anything from outside                                  ─►  Escape          "\x1b[2J"
//
// A number without a unit is a trap (seconds or milliseconds? bits or bytes?), so the unit lives in the type and in the
// text. Every type is at once a command line value (String, Set, Type), and an encoding.TextMarshaler and
// encoding.TextUnmarshaler, so that a flag and a key of a job file accept exactly the same texts.
//
// # Ownership
//
// All types are plain values without goroutines. Set and UnmarshalText write to their receiver and must not run at the
// same time as a reader; everything else is safe for concurrent use.
//
// # Failure
//
// A text that is refused leaves the value as it was; the error quotes the text and says what is accepted. Nothing here
// is ever negative, not a number or infinite.
//
// # Costs
//
// Parsing costs well under a microsecond, except Pattern, which compiles a regular expression. Escape returns its
// argument without copying when there is nothing to escape.
package units
