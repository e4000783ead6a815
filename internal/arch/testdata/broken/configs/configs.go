// Package configs again.
package configs

import _ "github.com/goccy/go-yaml/parser"
