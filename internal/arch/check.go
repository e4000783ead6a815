package arch

import (
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"
)

// violation is one broken rule.
type violation struct {
	rule, text string
}

// String prints the rule and what breaks it.
func (v violation) String() string { return v.rule + ": " + v.text }

// check applies every rule to a tree.
func check(t *tree) []violation {
	var found []violation
	add := func(rule, format string, args ...any) {
		found = append(found, violation{rule, fmt.Sprintf(format, args...)})
	}
	for _, name := range t.paths() {
		p := t.packages[name]
		checkFloor(t, p, add)
		checkImports(t, p, add)
		checkCalls(p, add)
		checkFiles(p, add)
	}
	sort.Slice(found, func(i, j int) bool { return found[i].String() < found[j].String() })
	return slices.Compact(found)
}

type adder func(rule, format string, args ...any)

// floorOf finds a package's line in the table.
func floorOf(name string) (int, bool) {
	for _, l := range floors() {
		if l.path == name {
			return l.floor, true
		}
		if dir, ok := strings.CutSuffix(l.path, "/*"); ok && strings.HasPrefix(name, dir+"/") {
			return l.floor, true
		}
	}
	return 0, false
}

func checkFloor(t *tree, p *pkg, add adder) {
	mine, known := floorOf(p.path)
	if !known {
		add("floors", "package %s is not in the table of internal/arch/floors.go; give it a line", p.path)
		return
	}
	for _, target := range p.imports {
		if t.packages[target] == nil {
			continue
		}
		if theirs, ok := floorOf(target); ok && theirs >= mine {
			direction := "sideways"
			if theirs > mine {
				direction = "up"
			}
			add("floors", "%s (floor %d) imports %s (floor %d): %s; imports go down, so that a package can be read knowing only what lies below it", p.path, mine, target, theirs, direction)
		}
	}
}

func checkImports(t *tree, p *pkg, add adder) {
	for _, r := range importRules() {
		if !matchAny(r.from, p.path) || matchAny(r.except, p.path) {
			continue
		}
		if chain := t.find(p, r); chain != nil {
			add(r.name, "%s: %s", strings.Join(chain, " imports "), r.reason)
		}
	}
	if reason, only := standardOnly()[p.path]; only {
		for _, target := range p.imports {
			first, _, _ := strings.Cut(target, "/")
			if t.packages[target] != nil || strings.Contains(first, ".") {
				add("standard-only", "%s imports %s: %s", p.path, target, reason)
			}
		}
	}
}

// find returns the shortest chain of imports from p to what the rule forbids, nil if there is none.
func (t *tree) find(p *pkg, r importRule) []string {
	chains := [][]string{{p.path}}
	seen := map[string]bool{p.path: true}
	for len(chains) > 0 {
		chain := chains[0]
		chains = chains[1:]
		for _, target := range t.packages[chain[len(chain)-1]].imports {
			next := append(slices.Clone(chain), target)
			if matchAny(r.to, target) {
				return next
			}
			if r.reach && t.packages[target] != nil && !seen[target] {
				seen[target] = true
				chains = append(chains, next)
			}
		}
	}
	return nil
}

// matchAny reports whether a path is one of the patterns, or below one that ends in /...
func matchAny(patterns []string, name string) bool {
	for _, pattern := range patterns {
		dir, below := strings.CutSuffix(pattern, "/...")
		if pattern == "..." || name == dir || below && strings.HasPrefix(name, dir+"/") {
			return true
		}
	}
	return false
}

func checkCalls(p *pkg, add adder) {
	for _, r := range callRules() {
		if matchAny(r.except, p.path) || p.name == "main" && slices.Contains(r.except, "main") {
			continue
		}
		for _, m := range p.mentions {
			if m.pkg == r.pkg && slices.Contains(r.funcs, m.name) {
				add(r.name, "%s uses %s.%s: %s", m.where, path.Base(m.pkg), m.name, r.reason)
			}
		}
	}
	for _, where := range p.inits {
		add("no-init", "%s has an init function: nothing happens by being imported", where)
	}
}

func checkFiles(p *pkg, add adder) {
	file := "doc.go"
	if ok, _ := path.Match("examples/[0-9][0-9]-*", p.path); ok {
		file = "main.go" // a lesson is read in one piece
	}
	switch {
	case !slices.Contains(p.files, file):
		add("doc", "package %s has no %s: every package says what it is for", p.path, file)
	case len(p.comments) != 1 || p.comments[0] != file:
		add("doc", "package %s has package comments in %v: want exactly one, in %s", p.path, p.comments, file)
	}
}
