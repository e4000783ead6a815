package crawler

import "tandem/internal/usage"

// connections is how many connections a crawl may have open when the process
// may have so many files: a quarter of the limit and sixteen are left for the
// frontier's tables, the segment, the resolver and the program itself. At the
// least it is one.
func connections(openFiles uint64) int {
	const own, most = 16, 1 << 20
	if openFiles >= most {
		return most
	}
	return max(int(openFiles)*3/4-own, 1)
}

// connectionsHere is connections for this process. It says so when that is less
// than the job asks for.
func (c *Config) connectionsHere() int {
	limit := usage.OpenFiles()
	n := connections(limit)
	if n < c.Concurrency {
		c.Logger.Info("fewer connections than the job allows: few files may be open", "connections", n, "concurrency", c.Concurrency, "open_files", limit)
	}
	return n
}
