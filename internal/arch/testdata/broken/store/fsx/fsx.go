package fsx

import (
	_ "testing"

	_ "github.com/cockroachdb/pebble/v2"
)
