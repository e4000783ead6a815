package procpool

import "golang.org/x/sys/unix"

// hasExited reports whether this child has ended, and leaves it to be waited for.
func hasExited(pid int) bool {
	for {
		var info unix.Siginfo // stays empty while the child lives
		err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT|unix.WNOHANG, nil)
		if err != unix.EINTR {
			return err != nil || info.Signo != 0
		}
	}
}
