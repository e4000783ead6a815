// Package robots reads robots.txt files and says which URLs of their site a crawler may fetch,
// after RFC 9309.
//
//	GET /robots.txt ──▶ 2xx ──▶ Parse(body, "TandemFetch") ─┐
//	                    3xx, 4xx, 5xx, no answer            ├──▶ *Rules ──▶ Allowed("/path?query")
//	                         └──▶ ForStatus ────────────────┘          ├──▶ CrawlDelay
//	                                                                   └──▶ Sitemaps
//
// A file consists of groups. The groups that name the crawler count, all of them together; if there is none,
// those for "*" do; if there is none of these either, everything is allowed. Within the chosen groups the
// longest pattern that matches decides, and Allow wins a tie.
//
// The parser is as forgiving as the big search engines': misspelt field names, missing
// colons, any kind of line end and byte order marks are understood, and what is not is skipped, so
// that an HTML page served as robots.txt allows everything.
//
// # Ownership
//
// Rules do not change once made and are safe for concurrent use. They share no memory with
// the file.
//
// # Failure
//
// There are no errors: every file has a meaning. The first 512 KiB count (the RFC asks for
// 500), the rest is ignored.
//
// # Costs
//
// Parsing is linear. A match costs a few hundred nanoseconds for usual files; without
// wildcards it does not depend on the number of rules, and a pattern with wildcards costs
// time linear in path and pattern, whatever the pattern is.
package robots
