package arch

// importRule forbids packages to import others. Paths of the module stand without its name; /... takes in what lies
// below.
type importRule struct {
	name   string
	from   []string
	except []string
	to     []string
	// reach follows the module's own packages; what libraries import never counts.
	reach  bool
	reason string
}

func importRules() []importRule {
	stageTwo := []string{"pipeline/...", "store/...", "processor/..."}
	network := []string{"internal/transport", "github.com/valyala/fasthttp/...", "net/http/..."}
	return []importRule{
		{name: "no-network", from: stageTwo, to: network, reach: true,
			reason: "stage two works on what is stored: no input can make it open a connection"},
		{name: "no-report", from: stageTwo, to: []string{"internal/report"}, reach: true,
			reason: "libraries return data; programs decide how it looks"},
		{name: "process-offline", from: []string{"cmd/process/..."}, to: []string{"internal/transport"}, reach: true,
			reason: "process may show a live page, but never fetches"},
		{name: "stages-apart", from: []string{"crawler/...", "load/..."}, to: []string{"processor/..."}, reach: true,
			reason: "the stages meet in the store alone, so they can run days apart"},
		{name: "yaml-in-configs", from: []string{"..."}, except: []string{"configs"}, to: []string{"github.com/goccy/go-yaml/...", "gopkg.in/yaml.v2", "gopkg.in/yaml.v3"},
			reason: "one strict reader; everything else takes structs"},
		{name: "fsx-plain", from: []string{"store/fsx"}, to: []string{"github.com/cockroachdb/pebble/..."}, reach: true,
			reason: "the file system seam serves the store too; crawler/frontier adapts it to Pebble"},
		{name: "no-testing", from: []string{"..."}, except: []string{"pipeline/pipelinetest", "load/enginetest", "internal/proxytest"}, to: []string{"testing/..."},
			reason: "test helpers must not end up in programs; a conformance package gets an exception here"},
		{name: "no-cgo", from: []string{"..."}, to: []string{"C"},
			reason: "CGO_ENABLED=0 builds everything"},
	}
}

// standardOnly lists packages that import the standard library and nothing else.
func standardOnly() map[string]string {
	return map[string]string{
		"pipeline": "the ladder is to be read and reused without any other module",
	}
}

// callRule forbids the mention of functions outside some packages.
type callRule struct {
	name   string
	pkg    string // import path
	funcs  []string
	except []string // paths; "main" takes in every package main
	reason string
}

func callRules() []callRule {
	return []callRule{
		{name: "no-sleep", pkg: "time", funcs: []string{"Sleep"}, except: []string{"examples/..."},
			reason: "wait on a timer that a context can cut, or on an event"},
		{name: "exit-in-main", pkg: "os", funcs: []string{"Exit"}, except: []string{"main", "internal/cli", "pipeline/pipelinetest"},
			reason: "deferred work runs, and code can be tested without a process; the suite of executors has tasks that die on purpose"},
		{name: "fatal-in-main", pkg: "log", funcs: []string{"Fatal", "Fatalf", "Fatalln"},
			reason: "it exits behind the back of the caller; return an error"},
		{name: "signals-in-main", pkg: "os/signal", funcs: []string{"Notify", "NotifyContext", "Ignore", "Reset"}, except: []string{"main", "internal/cli"},
			reason: "signals belong to the process; libraries take a context and an Event"},
	}
}
