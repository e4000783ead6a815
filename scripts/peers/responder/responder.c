// Responder is the lightest HTTP/1.1 server that `scripts/peers.sh load` can measure clients against: one thread, one epoll
// set, no parser. Each "\r\n\r\n" that arrives is taken for the end of a request and answered with the same 200 of 117 bytes, so
// that pipelined requests are answered in one write. It honours no header: connections end when the client ends them.
//
//   responder [PORT]     its URL is the first line on standard output; PORT 0, the default, is any free one
//
// SIGUSR1 writes "requests R answered A connections C peak P" to standard error and starts the counts anew; SIGTERM and
// SIGINT write the line and end it. R counts requests found, A answers given whole to the kernel, C connections
// accepted, P the most that were open at once.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER                                                                                        \
	"HTTP/1.1 200 OK\r\nServer: peers\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n" \
	"Connection: keep-alive\r\n\r\nHello, world!"

enum { LEN = sizeof ANSWER - 1, ANSWERS = 256, EVENTS = 512, FDS = 1 << 17 };

struct conn {
	size_t owed; // bytes of answers that the kernel has not taken yet; nothing is read before it took them
	int match;   // how many bytes of "\r\n\r\n" the last read ended with
};

static struct conn conns[FDS]; // by descriptor
static char answers[ANSWERS * LEN];
static unsigned long long requests, answered, connections, open_now, peak;
static volatile sig_atomic_t report_asked, stop_asked;

static void on_signal(int sig) {
	if (sig == SIGUSR1)
		report_asked = 1;
	else
		stop_asked = 1;
}

static void die(const char *what) {
	perror(what);
	exit(1);
}

static void report(void) {
	fprintf(stderr, "requests %llu answered %llu connections %llu peak %llu\n", requests, answered, connections, peak);
	requests = answered = connections = 0;
	peak = open_now;
}

// ends counts the ends of header blocks in buf; *match carries a partial one from read to read.
static size_t ends(const char *buf, size_t n, int *match) {
	static const char end[] = "\r\n\r\n";
	const char *p = buf, *stop = buf + n;
	size_t found = 0;
	int m = *match;
	while (p < stop) {
		if (m == 0 && (p = memchr(p, '\r', stop - p)) == NULL)
			break;
		m = *p == end[m] ? m + 1 : *p == '\r';
		p++;
		if (m == 4) {
			found++;
			m = 0;
		}
	}
	*match = m;
	return found;
}

static void drop(int fd) {
	close(fd); // which takes it out of the epoll set
	open_now--;
}

// watch waits for what the connection can do next.
static void watch(int ep, int fd, unsigned events) {
	struct epoll_event ev = {.events = events, .data.fd = fd};
	if (epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev) < 0)
		die("epoll_ctl");
}

// give hands owed answers to the kernel: 1 if it took all, 0 if it is full, -1 if the connection is gone.
static int give(int fd, struct conn *c) {
	while (c->owed > 0) {
		size_t at = (LEN - c->owed % LEN) % LEN; // all answers are alike: where the first owed byte lies in one
		size_t want = c->owed < sizeof answers - at ? c->owed : sizeof answers - at;
		ssize_t n = send(fd, answers + at, want, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		size_t before = (c->owed + LEN - 1) / LEN;
		c->owed -= n;
		answered += before - (c->owed + LEN - 1) / LEN;
	}
	return 1;
}

static void serve(int ep, int fd) {
	static char buf[64 << 10];
	struct conn *c = &conns[fd];
	int waited = c->owed > 0;
	if (!waited) {
		ssize_t n = recv(fd, buf, sizeof buf, 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			drop(fd);
			return;
		}
		size_t found = ends(buf, n, &c->match);
		requests += found;
		c->owed = found * LEN;
	}
	int all = give(fd, c);
	if (all < 0)
		drop(fd);
	else if (all == waited) // full now, or empty again
		watch(ep, fd, all ? EPOLLIN : EPOLLOUT);
}

static void take(int ep, int listener) {
	for (;;) {
		int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED))
			return;
		if (fd < 0 || fd >= FDS)
			die("accept");
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		conns[fd] = (struct conn){0};
		struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
		if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) < 0)
			die("epoll_ctl");
		connections++;
		if (++open_now > peak)
			peak = open_now;
	}
}

// listen_on listens on loopback and prints the URL.
static int listen_on(int port) {
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof a;
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) < 0 || listen(fd, 65535) < 0 || getsockname(fd, (struct sockaddr *)&a, &size) < 0)
		die("listen");
	printf("http://127.0.0.1:%d/\n", ntohs(a.sin_port));
	fflush(stdout);
	return fd;
}

int main(int argc, char **argv) {
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	for (int i = 0; i < ANSWERS; i++)
		memcpy(answers + i * LEN, ANSWER, LEN);

	// Signals come only while epoll_pwait waits, so that none is missed between a look at the flags and the wait.
	sigset_t blocked, waiting;
	sigemptyset(&blocked);
	for (const int *s = (const int[]){SIGUSR1, SIGTERM, SIGINT, 0}; *s; s++) {
		sigaddset(&blocked, *s);
		sigaction(*s, &(struct sigaction){.sa_handler = on_signal}, NULL);
	}
	sigprocmask(SIG_BLOCK, &blocked, &waiting);
	for (const int *s = (const int[]){SIGUSR1, SIGTERM, SIGINT, 0}; *s; s++)
		sigdelset(&waiting, *s); // whatever the parent blocked

	int listener = listen_on(argc > 1 ? atoi(argv[1]) : 0), ep = epoll_create1(0);
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = listener}, evs[EVENTS];
	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev) < 0)
		die("epoll");
	while (!stop_asked) {
		int n = epoll_pwait(ep, evs, EVENTS, -1, &waiting);
		if (n < 0 && errno != EINTR)
			die("epoll_pwait");
		for (int i = 0; i < n; i++) {
			if (evs[i].data.fd == listener)
				take(ep, listener);
			else
				serve(ep, evs[i].data.fd);
		}
		if (report_asked) {
			report_asked = 0;
			report();
		}
	}
	report();
	return 0;
}
