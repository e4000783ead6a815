package arch

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// tree is what the checks need to know about a module.
type tree struct {
	module   string
	packages map[string]*pkg // by path without the module
}

// pkg is one package: its non-test files together.
type pkg struct {
	path     string
	name     string
	imports  []string // import paths; those of the module are cut to path
	mentions []mention
	comments []string // names of the files with a package comment
	files    []string
	inits    []string
}

// mention is a use of a function of another package: what, and where.
type mention struct {
	pkg, name, where string
}

// readTree parses every Go file below root, except tests, testdata, hidden folders and other modules.
func readTree(root string) (*tree, error) {
	module, err := moduleName(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, err
	}
	t := &tree{module: module, packages: map[string]*pkg{}}
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if file != root && skipped(file, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(d.Name(), ".go") || strings.HasSuffix(d.Name(), "_test.go") || strings.HasPrefix(d.Name(), "_") {
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		return t.addFile(file, filepath.ToSlash(rel))
	})
	return t, err
}

func skipped(dir, name string) bool {
	if name == "testdata" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func moduleName(gomod string) (string, error) {
	b, err := os.ReadFile(gomod)
	if err != nil {
		return "", fmt.Errorf("read module name: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == "module" {
			return fields[1], nil
		}
	}
	return "", fmt.Errorf("read module name: %q has no module line", gomod)
}

func (t *tree) addFile(file, rel string) error {
	set := token.NewFileSet()
	f, err := parser.ParseFile(set, file, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("parse %q: %w", rel, err)
	}
	p := t.packages[path.Dir(rel)]
	if p == nil {
		p = &pkg{path: path.Dir(rel), name: f.Name.Name}
		t.packages[p.path] = p
	}
	p.files = append(p.files, path.Base(rel))
	if f.Doc != nil && strings.TrimSpace(f.Doc.Text()) != "" {
		p.comments = append(p.comments, path.Base(rel))
	}
	names := map[string]string{} // local name → import path
	for _, spec := range f.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return fmt.Errorf("parse %q: %w", rel, err)
		}
		if inside, ok := strings.CutPrefix(target, t.module+"/"); ok {
			target = inside
		}
		p.imports = append(p.imports, target)
		local := path.Base(target)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		names[local] = target
	}
	at := func(n ast.Node) string { return fmt.Sprintf("%s:%d", rel, set.Position(n.Pos()).Line) }
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && names[x.Name] != "" {
				p.mentions = append(p.mentions, mention{names[x.Name], n.Sel.Name, at(n)})
			}
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				p.inits = append(p.inits, at(n))
			}
		}
		return true
	})
	return nil
}

// paths lists the packages in order.
func (t *tree) paths() []string {
	list := make([]string, 0, len(t.packages))
	for p := range t.packages {
		list = append(list, p)
	}
	sort.Strings(list)
	return list
}
