// Package extract finds the links of a page (HTML, XHTML, SVG, CSS, Markdown, RSS and Atom), the URLs of a sitemap, and what people's
// rules ask of a page (HTML).
//
//	body ──▶ charset ──▶ scanner ──▶ elements ──▶ collector ──▶ []Link
//	         (UTF-8)     (tags,       (a, img,     (dedup raw,    canonical, each URL once,
//	                     raw text)    srcset …)     resolve)      capped
//	                         └─ style="", <style> ─▶ css ─┘
//	text/markdown ──▶ code blanked ──▶ links ─────────────┤
//	feed, sitemap ──▶ gunzip ──▶ XML stream ──▶ links ────┘
//
//	body ──▶ charset ──▶ tree ──▶ select ──▶ fields ──▶ []Item     only where a job has Rules for the page
//	                                  ▲         │
//	                                  └─────────┘ items within items
//
// The HTML scanner follows the tokenizer of the HTML standard and builds no tree, so
// nesting costs nothing and broken markup loses no link. It is our own because the tokenizer
// of x/net/html copies every tag and hashes every attribute name; a test holds it to
// that tokenizer's answers.
//
// A link is a requisite when the page does not look right without it: images, style sheets,
// scripts, media, icons, fonts. Frames are pages and therefore plain links.
//
// Sitemaps and feeds are read as a stream, in constant memory beside their links; no entity is resolved that a file declares.
//
// Non-ASCII text in a link's query is encoded in the page's charset, that of style sheets in UTF-8, as browsers do. A <base>
// counts for what comes after it; in browsers it does for all links of the page.
//
// # Ownership
//
// Rules are immutable and safe for concurrent use. An Extractor keeps buffers between pages and belongs to one goroutine; the function Links is safe for concurrent
// use. Results share no memory with the body.
//
// # Failure
//
// There are no errors: input is what the network sent, and the answer is what could be found in
// it. Links that cannot be resolved are counted in Result.Invalid; what exceeds the Limits is left
// out and sets Result.Truncated.
//
// A page that cannot be parsed (more than 512 elements open at a time) or that is made to cost much has no items. The
// bounds are counts: a page has the same items whenever it is read.
//
// # Costs
//
// Linear in the body; memory is bounded by Limits and by one decoded copy of bodies that are
// not UTF-8. A documentation page with 3,000 links to 200 others takes 1.3 ms (700 MB/s on one core of
// a server); a link that the page did not mention before takes 0.4 µs, and 1 µs where there are tens of thousands.
//
// Rules parse the page into a tree: a page of 110 KB with 5,000 items takes 15 ms and 6 MiB. Pages made to cost as much as the bounds
// allow took up to 5.5 s a selector, and 300 MiB.
package extract
