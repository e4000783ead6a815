package enginetest

import "testing"

func (s Subject) storm(t *testing.T) {}
