//go:build !(linux && (amd64 || arm64))

package procpool

import (
	"errors"
	"fmt"
	"runtime"
)

// enclose gives nothing up: there is no way to here.
func enclose() ([]string, error) {
	return nil, fmt.Errorf("%s/%s: %w", runtime.GOOS, runtime.GOARCH, errors.ErrUnsupported)
}
