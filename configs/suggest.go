package configs

import (
	"strings"
)

// suggestion ends a message about an unknown name: the known name that was probably meant, else all of them.
func suggestion(name string, known []string) string {
	best, distance := "", 1+min(2, len([]rune(name))/2)
	for _, k := range known {
		if d := edits(fold(name), fold(k)); d < distance {
			best, distance = k, d
		}
	}
	switch {
	case best != "":
		return `; did you mean "` + best + `"?`
	case len(known) == 0:
		return "; none are known here"
	}
	return "; known are " + strings.Join(known, ", ")
}

// fold removes what people mix up in names: case, and which mark joins the words.
func fold(name string) string {
	if len(name) > 64 {
		name = name[:64]
	}
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
}

// edits counts the insertions, deletions, replacements and swaps of neighbours that lead from a to b.
func edits(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, row := make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range row {
		row[j] = j
	}
	for i := range s {
		next := make([]int, len(t)+1)
		next[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(t)]
}
