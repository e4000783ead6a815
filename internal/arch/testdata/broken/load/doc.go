// Package load breaks every rule about calls, under other names too.
package load
