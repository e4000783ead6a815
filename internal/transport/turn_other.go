//go:build !unix

package transport

import "errors"

// There are no turns here, since peeker has no socket to look at.

func receive(int, []byte) (int, error) { return 0, errors.ErrUnsupported }

func transmit(int, []byte) (int, error) { return 0, errors.ErrUnsupported }

func again(error) bool { return false }
