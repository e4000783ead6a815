//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// detach keeps the terminal's signals from the child: the first one means
// "finish what is in flight", for which the site is needed.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
