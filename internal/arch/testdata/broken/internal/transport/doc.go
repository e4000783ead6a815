// Package transport may use the network.
package transport
