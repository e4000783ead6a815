//go:build !linux

package http2

func newAlarm() alarm { return newTimer() }
