package cli

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"runtime/trace"

	"github.com/spf13/pflag"
)

// profiling writes what the tools of Go read: go tool pprof, go tool trace.
type profiling struct {
	cpu, trace string
}

// bind adds hidden flags: they are for the developers of a program.
func (p *profiling) bind(fs *pflag.FlagSet) {
	fs.StringVar(&p.cpu, "cpuprofile", "", "write a CPU profile to `FILE`")
	fs.StringVar(&p.trace, "trace", "", "write an execution trace to `FILE`")
	for _, name := range []string{"cpuprofile", "trace"} {
		fs.Lookup(name).Hidden = true
	}
}

// start begins what was asked for; stop ends it and closes the files.
func (p *profiling) start() (stop func() error, err error) {
	var stops []func() error
	stop = func() error {
		var errs []error
		for _, f := range stops {
			errs = append(errs, f())
		}
		return errors.Join(errs...)
	}
	begin := func(path string, start func(*os.File) error, end func()) {
		if path == "" || err != nil {
			return
		}
		f, openErr := os.Create(path)
		if openErr != nil {
			err = fmt.Errorf("write profile: %w", openErr)
			return
		}
		if startErr := start(f); startErr != nil {
			err = errors.Join(fmt.Errorf("write profile %q: %w", path, startErr), f.Close())
			return
		}
		stops = append(stops, func() error { end(); return f.Close() })
	}
	begin(p.cpu, func(f *os.File) error { return pprof.StartCPUProfile(f) }, pprof.StopCPUProfile)
	begin(p.trace, func(f *os.File) error { return trace.Start(f) }, trace.Stop)
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	return stop, nil
}
