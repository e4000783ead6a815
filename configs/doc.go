// Package configs reads and writes job files: YAML that is checked strictly and reports everything that is wrong at once,
// each problem with its file, line and column. It knows no stage; a program hands in its own structs by section name.
//
//	job.yaml                                     the program's structs, defaults filled in
//	  out: ./run          ── "out" ──────────►   *string
//	  crawl:              ── "crawl" ────────►   *struct{ HostRate units.Rate `yaml:"host-rate"` … }
//	    host-rate: 5/s
//	  process: {…}        (known, not asked for: skipped)
//	  crawll: {…}         problem: unknown section "crawll", did you mean "crawl"?
//
// Load fills the structs in, Check applies the same limits to values that came from flags, Write prints the effective
// job in a form that Load accepts, Schema describes the structs to editors.
//
// A field takes part when it has a yaml tag; embedded structs without one are read as if their fields stood in the outer
// struct. The other tags are check (`check:"min=1,max=100"`, `check:"oneof=host|domain"`, `check:"nonempty"`; for a slice
// they hold for each element) and doc, one line for the schema. Fields are strings, booleans, numbers,
// encoding.TextUnmarshaler (such as the types of package units), slices, maps with string keys, structs, and pointers to
// these. A value in the file replaces the default completely, an explicit 0 or [] too.
//
// Of YAML, job files use mappings, sequences and scalars. Anchors, aliases, merge keys, tags, directives and second
// documents are refused, because what a job does must stand where it is read.
//
// The folder also holds job files that work as they are.
//
// # Ownership
//
// No goroutines, no state between calls. The structs belong to the caller; Load must be the only user while it runs.
//
// # Failure
//
// What is wrong inside a file is returned as an Error, a list of Problems in file order; a file that cannot be read is
// an ordinary error. After an error the structs may be partly filled and must not be used.
//
// # Costs
//
// A file is capped at 1 MiB, 64 levels of nesting and 5,000 keys; a full-size list of seeds takes about 0.1 s.
package configs
