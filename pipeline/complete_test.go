package pipeline_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever the package exports stands in an example whose output is checked, or carries an example's name.
func TestExamplesAreComplete(t *testing.T) {
	t.Parallel()
	code, tests := parseFiles(t)
	shown := make(map[string]bool)
	for _, example := range doc.Examples(tests...) {
		if example.Output == "" && !example.EmptyOutput {
			t.Errorf("Example%s has no output to check", example.Name)
		}
		for part := range strings.SplitSeq(example.Name, "_") {
			shown[part] = true
		}
	}
	for _, file := range tests {
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				shown[s.Sel.Name] = true
			}
			return true
		})
	}
	for _, name := range exported(code) {
		if !shown[name] {
			t.Errorf("%s stands in no example", name)
		}
	}
}

// parseFiles returns the files of the package and those that hold its examples.
func parseFiles(t *testing.T) (code, examples []*ast.File) {
	t.Helper()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	for _, path := range paths {
		isTest, isExample := strings.HasSuffix(path, "_test.go"), strings.HasPrefix(path, "example_")
		if isTest && !isExample {
			continue
		}
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if isExample {
			examples = append(examples, file)
		} else {
			code = append(code, file)
		}
	}
	return code, examples
}

// exported returns the exported names of types, functions, methods, constants and variables. Methods that package fmt or
// errors calls are left out.
func exported(files []*ast.File) (names []string) {
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			if id.IsExported() {
				names = append(names, id.Name)
			}
		}
	}
	for _, file := range files {
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				switch d.Name.Name {
				case "Error", "String", "Unwrap":
				default:
					add(d.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						add(s.Name)
					case *ast.ValueSpec:
						add(s.Names...)
					}
				}
			}
		}
	}
	return names
}
