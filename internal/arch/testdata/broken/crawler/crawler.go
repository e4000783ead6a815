package crawler

import (
	_ "broken/processor"
	_ "github.com/goccy/go-yaml"
)
