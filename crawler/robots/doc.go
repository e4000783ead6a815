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
// # Percent-encoding
//
// Paths and rules are compared in one normal form (match.go), so that all spellings of a URL are equal: "/~me" and "/%7Eme", "/ツ" and
// "/%E3%83%84", "/{id}" and "/%7Bid%7D", "/a:b" and "/a%3Ab", in a query "//" and "%2F%2F". What is different to a server
// stays different: "/a%2Fb" and "/a/b", "?a%26b" and "?a&b". An escaped "%2A" or "%24" in a rule is no operator.
//
// # Beyond the RFC
//
// Google's published tests (google/robotstxt, robots_test.cc) hold for 142 of 145 answers. The other three follow the RFC, section 2.2.2, against
// them: a URL whose non-ASCII letters are not encoded matches a rule all the same (two answers), and so does one whose
// letters are ("/foo/bar/%62%61%7A" is "/foo/bar/baz"; one answer). With Google and beyond the RFC, who allows a folder's
// index.html or index.htm also allows the folder; lines are cut at 16 KiB; and a NUL ends a line.
//
// Beyond both, 429 counts as a server error ([ForStatus]), Crawl-delay is read (the largest of a group counts), a file that begins with the byte
// order mark of UTF-16 is recoded, and blanks of Unicode around names and values go as those of ASCII do. Fields that the RFC does
// not define neither end a list of agents nor begin a list of rules.
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
