// Package configs may read YAML, but breaks doc by a second comment.
package configs
