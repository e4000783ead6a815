package text

import "strings"

// escapedBar stands for a bar that does not end a cell; like hardBreak it cannot come from outside.
const escapedBar = "\x03"

// frontMatter takes off a block between lines of "---" (YAML) or "+++" (TOML) at the very start, and returns the
// title it names, if it does so in one line.
func frontMatter(s string) (rest, title string) {
	const longest = 64 << 10
	first, body, _ := strings.Cut(s, "\n")
	mark := strings.TrimRight(first, " \t")
	if mark != "---" && mark != "+++" {
		return s, ""
	}
	read := 0
	for line := range strings.SplitSeq(body[:min(len(body), longest)], "\n") {
		read += len(line) + 1
		trimmed := strings.TrimSpace(line)
		if trimmed == mark || mark == "---" && trimmed == "..." {
			return body[min(read, len(body)):], title
		}
		if read == len(line)+1 && trimmed == "" {
			return s, "" // a rule with an empty line below it, not a block
		}
		key, value, found := strings.Cut(line, ":")
		if mark == "+++" {
			key, value, found = strings.Cut(line, "=")
		}
		if found && strings.TrimRight(key, " ") == "title" {
			title = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return s, ""
}

// unquote takes off the marks of block quotes.
func unquote(line string) string {
	for n := 0; n < 32; n++ {
		rest := strings.TrimLeft(line, " ")
		if len(line)-len(rest) > 3 || !strings.HasPrefix(rest, ">") {
			break
		}
		line = strings.TrimPrefix(rest[1:], " ")
	}
	return line
}

func isIndented(line string) bool {
	return strings.HasPrefix(line, "    ") || strings.HasPrefix(line, "\t")
}

// listItem takes off the mark of a list item, and of a task.
func listItem(line string) (rest string, ok bool) {
	mark := 0
	switch {
	case line[0] == '-' || line[0] == '*' || line[0] == '+':
		mark = 1
	default:
		for mark < len(line) && mark < 9 && line[mark] >= '0' && line[mark] <= '9' {
			mark++
		}
		if mark == 0 || mark == len(line) || line[mark] != '.' && line[mark] != ')' {
			return "", false
		}
		mark++
	}
	if mark < len(line) && line[mark] != ' ' && line[mark] != '\t' {
		return "", false
	}
	rest = strings.TrimLeft(line[mark:], " \t")
	for _, task := range []string{"[ ] ", "[x] ", "[X] "} {
		rest = strings.TrimPrefix(rest, task)
	}
	return rest, true
}

// rule is a line of three or more "-", "*" or "_", spaces allowed.
func rule(line string) bool {
	s := strings.ReplaceAll(line, " ", "")
	return len(s) >= 3 && (strings.Trim(s, "-") == "" || strings.Trim(s, "*") == "" || strings.Trim(s, "_") == "")
}

// definition is the target of a reference link, "[name]: target", but not a footnote's text.
func definition(line string) bool {
	if line[0] != '[' || strings.HasPrefix(line, "[^") {
		return false
	}
	end := strings.Index(line[:min(len(line), 1024)], "]:")
	return end > 1 && !strings.Contains(line[:end], "[[")
}
