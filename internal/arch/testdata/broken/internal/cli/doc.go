// Package cli may exit and catch signals.
package cli
