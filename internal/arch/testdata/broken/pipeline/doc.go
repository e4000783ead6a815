// Package pipeline breaks no-network directly, standard-only, and floors upward.
package pipeline
