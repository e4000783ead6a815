package configs

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a job file. The parser needs quadratic time for the keys of one mapping and recurses into what is nested.
const (
	maxFile  = 1 << 20
	maxKeys  = 5000
	maxDepth = 64
)

// parseSource turns a file into its syntax tree; body is nil only when there are problems.
func parseSource(file string, src []byte) (body ast.Node, problems Error) {
	at := func(line, column int, format string, args ...any) Error {
		return Error{{File: file, Line: line, Column: column, Msg: fmt.Sprintf(format, args...)}}
	}
	if len(src) > maxFile {
		return nil, at(1, 1, "the file is larger than 1 MiB; is it a job file?")
	}
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	if line, column, what := firstNonText(src); what != "" {
		return nil, at(line, column, "the file is no UTF-8 text: %s", what)
	}
	tokens, err := tokenize(src)
	if err != nil {
		return nil, syntaxProblems(file, src, err)
	}
	if tk, what := tooComplex(tokens); tk != nil {
		return nil, at(tk.Position.Line, tk.Position.Column, "%s", what)
	}
	f, err := parseTokens(tokens)
	if err != nil {
		return nil, syntaxProblems(file, src, err)
	}
	for _, doc := range f.Docs {
		if doc.Body == nil {
			continue
		}
		line, column := position(doc.Body)
		if _, ok := doc.Body.(*ast.DirectiveNode); ok {
			return nil, at(line, column, "directives (%%) are not used in job files")
		}
		if body != nil {
			return nil, at(line, column, "a second document starts here; a job file holds one")
		}
		body = doc.Body
	}
	if body == nil {
		return nil, at(1, 1, "the file holds no section")
	}
	return body, nil
}

// firstNonText finds what cannot stand in a text file.
func firstNonText(src []byte) (line, column int, what string) {
	line, column = 1, 1
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return line, column, fmt.Sprintf("byte 0x%02x", src[i])
		case r < 0x20 && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return line, column, fmt.Sprintf("control character 0x%02x", r)
		case r == '\n':
			line, column = line+1, 0
		}
		i += size
		column++
	}
	return 0, 0, ""
}

// tooComplex names the token at which a file passes a limit.
func tooComplex(tokens token.Tokens) (*token.Token, string) {
	keys, flow, line, entries := 0, 0, 0, 0
	for _, tk := range tokens {
		if tk.Position.Line != line {
			line, entries = tk.Position.Line, 0
		}
		switch tk.Type {
		case token.MappingValueType:
			keys++
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType:
			entries++
		}
		if keys > maxKeys {
			return tk, fmt.Sprintf("the file has more than %d keys", maxKeys)
		}
		if flow > maxDepth || entries > maxDepth || tk.Position.IndentLevel > maxDepth {
			return tk, fmt.Sprintf("the file is nested more than %d deep", maxDepth)
		}
	}
	return nil, ""
}

// tokenize and parseTokens hold the library at arm's length: a panic in it is a problem of the file.
func tokenize(src []byte) (tokens token.Tokens, err error) {
	defer recovered(&err)
	tokens = lexer.Tokenize(string(src))
	return tokens, nil
}

func parseTokens(tokens token.Tokens) (f *ast.File, err error) {
	defer recovered(&err)
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("the YAML reader gave up: %v", r)
	}
}

// located is what the errors of the YAML library can tell.
type located interface {
	error
	GetToken() *token.Token
	GetMessage() string
}

// syntaxProblems explains why a file is no YAML. The library stops at the first error; tabs in front of lines are the
// one mistake that is usually made all over a file, so they are all listed.
func syntaxProblems(file string, src []byte, err error) Error {
	p := Problem{File: file, Line: 1, Column: 1, Msg: err.Error()}
	if le, ok := errors.AsType[located](err); ok {
		p.Msg = le.GetMessage()
		if tk := le.GetToken(); tk != nil && tk.Position != nil {
			p.Line, p.Column = tk.Position.Line, tk.Position.Column
		}
	}
	if strings.Contains(p.Msg, `'	'`) || strings.Contains(p.Msg, "tab character") {
		if tabs := tabProblems(file, src); len(tabs) > 0 {
			return tabs
		}
	}
	p.Msg = "no YAML: " + p.Msg
	if strings.Contains(p.Msg, "mapping value is not allowed") {
		p.Msg += `; quote a text that contains ": ", and let all keys of a section start in the same column`
	}
	return Error{p}
}

func tabProblems(file string, src []byte) Error {
	var problems Error
	for i, line := range strings.Split(string(src), "\n") {
		rest := strings.TrimLeft(line, " ")
		if strings.HasPrefix(rest, "\t") && strings.TrimSpace(rest) != "" {
			problems = append(problems, Problem{File: file, Line: i + 1, Column: len(line) - len(rest) + 1,
				Msg: "the line is indented with a tab; YAML allows only spaces"})
		}
	}
	return problems
}

// position is where a node starts, in lines and characters from 1.
func position(n ast.Node) (line, column int) {
	switch m := n.(type) {
	case *ast.MappingNode:
		if !m.IsFlowStyle && len(m.Values) > 0 {
			return position(m.Values[0])
		}
	case *ast.MappingValueNode:
		if m.Key != nil {
			return position(m.Key)
		}
	}
	if tk := n.GetToken(); tk != nil && tk.Position != nil {
		return tk.Position.Line, tk.Position.Column
	}
	return 1, 1
}
