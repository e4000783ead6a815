// Command sleep may sleep.
package main
