// Package framing finds where HTTP/1.1 responses end in a byte stream, for an engine that wants to know little more about them.
package framing
