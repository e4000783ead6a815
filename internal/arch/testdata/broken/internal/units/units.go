// Package units breaks doc: its comment stands elsewhere.
package units
