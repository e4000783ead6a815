package procpool

import "fmt"

// Sandbox says whether workers give up what a computation does not need: see Config.Sandbox.
type Sandbox string

// The values of Config.Sandbox.
const (
	SandboxOff     Sandbox = "off"     // nothing is given up
	SandboxAuto    Sandbox = "auto"    // what this system allows to give up; Stats.Limits says what
	SandboxRequire Sandbox = "require" // all of it, or the worker does not start
)

// Validate reports a value that is none of the three; the empty one is SandboxOff.
func (s Sandbox) Validate() error {
	switch s {
	case "", SandboxOff, SandboxAuto, SandboxRequire:
		return nil
	}
	return fmt.Errorf("sandbox %q is not one of off, auto, require", string(s))
}

// sandboxSelf shuts this process in as far as the mode wants, and says what it did or why not.
func sandboxSelf(mode Sandbox) ([]string, error) {
	if mode == "" || mode == SandboxOff {
		return nil, nil
	}
	done, err := enclose()
	if err != nil && mode == SandboxRequire {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if err != nil {
		done = append(done, fmt.Sprintf("sandbox not complete: %v", err))
	}
	return done, nil
}
