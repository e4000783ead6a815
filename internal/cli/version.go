package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker: -ldflags "-X tandem/internal/cli.version=v1.2.3".
var version string

// Version describes the program: its version, the revision that it was built from and whether that was changed, the Go
// release and the platform.
func Version(name string) string {
	info, _ := debug.ReadBuildInfo()
	return describe(name, version, info)
}

func describe(name, version string, info *debug.BuildInfo) string {
	revision, changed := "unknown", ""
	if info != nil {
		if version == "" {
			version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				changed = ", dirty"
			}
		}
	}
	if version == "" || version == "(devel)" {
		version = "devel"
	}
	return fmt.Sprintf("%s %s (revision %s%s) %s %s/%s", name, version, revision, changed, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
