package load

import (
	"slices"
	"strings"

	"tandem/internal/units"
)

// Masked is c as it may be written down: the values of headers whose name says that they are secrets and a proxy's password read ***
// where they stand in c; references (env:NAME, file:PATH) stay what they are. It shares no list that differs with c.
func (c Config) Masked() Config {
	c.Route = c.Route.Masked()
	c.Headers = slices.Clone(c.Headers)
	for i, h := range c.Headers {
		if name, value, ok := strings.Cut(h, ":"); ok && units.SecretHeader(name) {
			c.Headers[i] = name + ": " + units.Mask(strings.TrimSpace(value))
		}
	}
	return c
}
