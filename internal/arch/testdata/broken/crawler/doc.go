// Package crawler breaks stages-apart, floors and yaml-in-configs.
package crawler
