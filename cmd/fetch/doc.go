// Command fetch is Tandem's first stage: it waits on sockets. It crawls sites
// politely into an archive of WARC files, fetches lists of URLs with the same
// engine, puts measured load on a server, and serves sites to try all that on.
//
//	fetch crawl URL…        follow links from the seeds into OUT/archive
//	fetch get FILE|-        fetch a list; links are not followed
//	fetch load URL…         closed or open loop; what the latency really was
//	fetch compare A B       are two load results different, and by how much
//	fetch serve goroot|dir  a site on loopback
//	fetch explain URL…      what a crawl would do with a URL, and why
//
// Results go to files and standard output, progress and logs to standard error.
// Exit codes: 0 done, 1 the run failed, 2 usage or job file wrong, 3 done but a
// threshold failed, 130 stopped by the user.
//
// # Ownership
//
// Only this package and internal/cli know the process: signals, exit codes,
// flags. Each command builds one Config, runs one blocking Run and renders its
// summary.
package main
