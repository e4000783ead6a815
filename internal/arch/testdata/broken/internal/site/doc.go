// Package site is the way of cmd/process to the network.
package site
