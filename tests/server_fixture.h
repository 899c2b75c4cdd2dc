/*
 * server_fixture.h - small HTTP and FTP servers on loopback, for the tests of
 * server.h. Each is a child process that serves one connection after the other
 * and says what it was asked by memory that it shares with the test.
 */
#ifndef DFOTA_SERVER_FIXTURE_H
#define DFOTA_SERVER_FIXTURE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <nettle/sha2.h>

#include "base/count.h"
#include "package/server.h"
#include "package/server_state.h"
#include "server_time.h"
#include "words.h"

static inline void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text, part);
}

static inline void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" contains \"%s\"", text, part);
}

static inline double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What a server says to the test. */
struct seen {
	unsigned connections;
	unsigned transfers;	/* FTP: data connections used */
	size_t size;		/* of what was put last */
	char put[1 << 20];
	size_t used;
	char log[1 << 18];	/* requests and commands as they came */
};

struct server {
	int port;
	pid_t pid;
	struct seen *seen;
};

static inline void note(struct seen *seen, const char *text)
{
	size_t size = strlen(text);

	if (seen->used + size + 1 > sizeof(seen->log))
		return;
	memcpy(seen->log + seen->used, text, size + 1);
	seen->used += size;
}

/* How often PART stands in what the server was asked. */
static inline unsigned asked(const struct server *s, const char *part)
{
	unsigned n = 0;

	for (const char *at = s->seen->log; (at = strstr(at, part)); at++)
		n++;
	return n;
}

/* Send SIZE bytes; the client may be gone. */
static inline bool put(int fd, const void *bytes, size_t size)
{
	const char *from = bytes;

	while (size > 0) {
		ssize_t n = send(fd, from, size, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		from += n;
		size -= (size_t)n;
	}
	return true;
}

static inline bool say(int fd, const char *text)
{
	return put(fd, text, strlen(text));
}

/* Read one line or, with WHOLE, a request up to its empty line. False at the end. */
static inline bool get(int fd, char *out, size_t size, bool whole)
{
	size_t n = 0;

	while (n + 1 < size && read(fd, &out[n], 1) == 1) {
		out[++n] = '\0';
		if (n >= 4 && whole && memcmp(&out[n - 4], "\r\n\r\n", 4) == 0)
			return true;
		if (!whole && out[n - 1] == '\n')
			return true;
	}
	return false;
}

/* Until the client goes, MS at most. True: it has gone. */
static inline bool gone_within(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLRDHUP };

	return poll(&p, 1, ms) > 0;
}

/* From now on nothing comes for MS of the client's time. */
static inline void keep_silent(int fd, long long ms)
{
	struct sockaddr_in client = { .sin_port = 0 };
	socklen_t size = sizeof(client);
	int under_way = 0;

	getpeername(fd, (struct sockaddr *)&client, &size);
	/* what was sent is sent: it must not be overtaken */
	while (ioctl(fd, SIOCOUTQ, &under_way) == 0 && under_way > 0 && !gone_within(fd, 1))
		;
	atomic_store(&silence->left_ms, ms);
	atomic_store(&silence->port, ntohs(client.sin_port));
}

/* True: the client has gone before MS of its time were over. */
static inline bool gone_after_silence(int fd, int ms)
{
	bool gone = false;

	keep_silent(fd, ms);
	while (!gone && atomic_load(&silence->left_ms) > 0)
		gone = gone_within(fd, 1);
	atomic_store(&silence->port, 0);
	return gone;
}

/* Silent until the client goes away. */
static inline void outwait(int fd)
{
	char rest[256];

	keep_silent(fd, LLONG_MAX);
	while (read(fd, rest, sizeof(rest)) > 0)
		;
	atomic_store(&silence->port, 0);
}

/* Close as a crashed machine does: the other side sees a reset. */
static inline void reset(int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static inline int listen_on_loopback(int *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 16), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

/* What is said in parts does not wait for the client to confirm each. */
static inline void send_at_once(int fd)
{
	const int yes = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

typedef void serve_fn(int fd, const void *script, struct seen *seen);

static inline struct server start(serve_fn *serve, const void *script)
{
	struct server s;
	int listener = listen_on_loopback(&s.port);

	s.seen = mmap(NULL, sizeof(*s.seen), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(s.seen != MAP_FAILED);
	s.pid = fork();
	assert_true(s.pid >= 0);
	if (s.pid == 0) {
		time_is_real = true;
		alarm(1800);	/* never outlive a test that was killed */
		for (;;) {
			int fd = accept(listener, NULL, NULL);

			if (fd < 0)
				_exit(1);
			send_at_once(fd);
			s.seen->connections++;
			serve(fd, script, s.seen);
			close(fd);
		}
	}
	close(listener);
	return s;
}

/* End S; what it has seen stays until forget(). */
static inline void stop(struct server *s)
{
	kill(s->pid, SIGKILL);
	assert_int_equal(waitpid(s->pid, NULL, 0), s->pid);
}

static inline void forget(struct server *s)
{
	munmap(s->seen, sizeof(*s->seen));
}

/* Bytes that look like a package: no part of it like another. */
static inline const unsigned char *blob(void)
{
	enum { SIZE = 1 << 20 };
	static unsigned char bytes[SIZE];
	uint32_t x = 2463534242u;

	if (bytes[0] == 0)
		for (size_t i = 0; i < SIZE; i++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			bytes[i] = (unsigned char)(x >> 11);
		}
	return bytes;
}

static inline const char *digest_of(const void *bytes, size_t size, char out[65])
{
	unsigned char digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	sha256_update(&ctx, size, bytes);
	sha256_digest(&ctx, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(&out[2 * i], 3, "%02x", digest[i]);
	return out;
}

/* One answer of an HTTP server; the next request gets the next. */
struct turn {
	const char *want;	/* must stand in the request; NULL: any request */
	const char *not_want;	/* must not; NULL: anything may */
	const char *status;	/* "200 OK"; NULL: no answer */
	const char *headers;	/* more lines, each with CR LF; NULL: none */
	const void *body;	/* NULL: of blob() */
	size_t from, size;	/* the part of the body that is sent */
	size_t cut;		/* close after so many of them; 0: all are sent */
	bool no_length;		/* no Content-Length of our own */
	bool reset;		/* at the end, or when cut */
	bool stall;		/* at the end, until the client goes */
	int trickle_ms;		/* between single bytes of the body; 0: at once */
};

struct turns {
	const struct turn *rows;
	size_t count;
};

static inline void take_put(int fd, const char *request, struct seen *seen)
{
	const char *length = strcasestr(request, "\r\nContent-Length: ");
	size_t size = length ? (size_t)atol(length + 18) : 0;

	if (size == 0 || size > sizeof(seen->put))
		return;
	for (seen->size = 0; seen->size < size;) {
		ssize_t n = read(fd, seen->put + seen->size, size - seen->size);

		if (n <= 0)
			return;
		seen->size += (size_t)n;
	}
}

static inline void send_turn(int fd, const struct turn *t, bool head)
{
	const unsigned char *body = t->body ? t->body : blob();
	size_t size = t->cut > 0 && t->cut < t->size ? t->cut : t->size;
	char line[128];

	snprintf(line, sizeof(line), "HTTP/1.1 %s\r\nConnection: close\r\n", t->status);
	say(fd, line);
	if (t->headers)
		say(fd, t->headers);
	if (!t->no_length) {
		snprintf(line, sizeof(line), "Content-Length: %zu\r\n", t->size);
		say(fd, line);
	}
	say(fd, "\r\n");
	if (head)
		return;
	if (t->trickle_ms == 0) {
		put(fd, body + t->from, size);
		return;
	}
	for (size_t i = 0; i < size; i++)
		if (!put(fd, body + t->from + i, 1) || gone_after_silence(fd, t->trickle_ms))
			return;
}

static inline bool is_look(int fd)
{
	char begin[24] = "";

	return recv(fd, begin, sizeof(begin) - 1, MSG_PEEK) > 0 && strncmp(begin, "GET / HTTP/1.0\r\n\r\n", 18) == 0;
}

static inline void serve_turns(int fd, const void *script, struct seen *seen)
{
	const struct turns *all = script;
	const struct turn *t;
	char request[8192] = "";

	if (is_look(fd)) {		/* what listens there: no request of a test */
		seen->connections--;
		say(fd, "HTTP/1.0 200 OK\r\n\r\n");
		return;
	}
	if (seen->connections > all->count) {
		note(seen, "[one too many]\n");
		return;
	}
	t = &all->rows[seen->connections - 1];
	if (!t->status && t->reset && !t->want) {
		reset(fd);
		return;
	}
	if (!get(fd, request, sizeof(request), true))
		return;
	note(seen, request);
	take_put(fd, request, seen);
	if ((t->want && !strstr(request, t->want)) ||
	    (t->not_want && strstr(request, t->not_want))) {
		note(seen, "[unexpected]\n");
		say(fd, "HTTP/1.1 418 unexpected\r\nContent-Length: 0\r\n\r\n");
		return;
	}
	if (t->status)
		send_turn(fd, t, strncmp(request, "HEAD ", 5) == 0);
	if (t->stall)
		outwait(fd);
	if (t->reset)
		reset(fd);
}

/* All rows were used as they were meant to be. */
static inline void assert_turns(const struct server *s, size_t count)
{
	if (asked(s, "[unexpected]") || asked(s, "[one too many]") ||
	    s->seen->connections != count)
		fail_msg("%u of %zu requests:\n%s", s->seen->connections, count,
			 s->seen->log);
}

/* An FTP server: what it says where that is not the usual, and what it does. */
struct ftp {
	const char *user, *pass;	/* replies */
	const char *type;		/* reply to TYPE I */
	const char *epsv;		/* reply; NULL: points at the data port */
	const char *pasv;		/* address in the reply, "192,0,2,66" */
	const char *size;		/* reply; NULL: the size of the file */
	const char *mdtm;		/* reply */
	const char *mdtm_later;		/* ... after the first download; NULL: the same */
	const char *rest;
	const char *stor;		/* reply that refuses */
	const char *rnfr, *rnto, *dele;
	const char *cwd;
	const char *retr;		/* reply that refuses */
	size_t cut;			/* of the first CUTS downloads */
	unsigned cuts;
	const char *after_cut;		/* reply; NULL: the control connection ends */
	bool keep_name;			/* RNTO onto a file is refused */
	bool damages;			/* stores another byte than was sent */
	bool ascii;			/* sends text with CR before LF, whatever TYPE says */
	bool mute_quit;			/* no answer to QUIT, nor the end */
	bool stall;			/* downloads stop in the middle */
	size_t has;			/* size of the file /d.bin; 0: there is none */
	size_t from;			/* where in blob() it begins */
};

/* The files of the server: few, and alive as long as it. */
struct ftp_file {
	char name[128];
	unsigned char bytes[1 << 20];
	size_t size;
};

struct ftp_state {
	const struct ftp *script;
	struct seen *seen;
	struct ftp_file *files;
	int control, listener, port;
	size_t rest;
	char renamed[128];
};

#define FTP_FILES 4

static inline struct ftp_file *ftp_find(struct ftp_state *f, const char *name)
{
	for (size_t i = 0; i < FTP_FILES; i++)
		if (strcmp(f->files[i].name, name) == 0)
			return &f->files[i];
	return NULL;
}

static inline int ftp_data(struct ftp_state *f)
{
	f->seen->transfers++;
	return accept(f->listener, NULL, NULL);
}

static inline void ftp_send_ascii(int data, const struct ftp_file *file)
{
	for (size_t i = 0; i < file->size; i++) {
		if (file->bytes[i] == '\n')
			put(data, "\r", 1);
		put(data, &file->bytes[i], 1);
	}
}

/* False when the control connection is to end. */
static inline bool ftp_retr(struct ftp_state *f, const char *name)
{
	const struct ftp *s = f->script;
	struct ftp_file *file = ftp_find(f, name);
	size_t from = f->rest, size;
	int data = ftp_data(f);

	f->rest = 0;
	if (s->retr || !file) {
		close(data);
		return say(f->control, s->retr ? s->retr : "550 no such file\r\n");
	}
	say(f->control, "150 here\r\n");
	size = from < file->size ? file->size - from : 0;
	if (s->ascii) {
		ftp_send_ascii(data, file);
	} else if (f->seen->transfers <= s->cuts && s->cut < size) {
		put(data, file->bytes + from, s->cut);
		close(data);
		return s->after_cut && say(f->control, s->after_cut);
	} else {
		put(data, file->bytes + from, size);
	}
	if (s->stall)
		outwait(data);
	close(data);
	return say(f->control, "226 done\r\n");
}

static inline bool ftp_stor(struct ftp_state *f, const char *name)
{
	struct ftp_file *file = ftp_find(f, name);
	int data = ftp_data(f);
	ssize_t n;

	if (!file)
		file = ftp_find(f, "");
	if (f->script->stor || !file) {
		close(data);
		return say(f->control, f->script->stor ? f->script->stor : "452 full\r\n");
	}
	say(f->control, "150 go on\r\n");
	snprintf(file->name, sizeof(file->name), "%s", name);
	file->size = 0;
	while ((n = read(data, file->bytes + file->size, sizeof(file->bytes) - file->size)) > 0)
		file->size += (size_t)n;
	if (f->script->damages)
		file->bytes[file->size / 2] ^= 1;
	close(data);
	return say(f->control, "226 done\r\n");
}

static inline bool ftp_rnto(struct ftp_state *f, const char *name)
{
	struct ftp_file *from = ftp_find(f, f->renamed), *to = ftp_find(f, name);

	if (f->script->rnto || !from || (to && f->script->keep_name))
		return say(f->control, f->script->rnto ? f->script->rnto : "550 no\r\n");
	if (to)
		to->name[0] = '\0';
	snprintf(from->name, sizeof(from->name), "%s", name);
	return say(f->control, "250 renamed\r\n");
}

static inline bool ftp_simple(struct ftp_state *f, const char *line, const char *name)
{
	const struct ftp *s = f->script;
	struct ftp_file *file = ftp_find(f, name);
	char reply[160];

	/* a data connection that was not used must not be taken for the next */
	if (strncmp(line, "EPSV", 4) == 0 || strncmp(line, "PASV", 4) == 0) {
		close(f->listener);
		f->listener = listen_on_loopback(&f->port);
	}
	snprintf(reply, sizeof(reply), "200 ok\r\n");
	if (strncmp(line, "EPSV", 4) == 0)
		snprintf(reply, sizeof(reply), "229 ok (|||%d|)\r\n", f->port);
	else if (strncmp(line, "PASV", 4) == 0)
		snprintf(reply, sizeof(reply), "227 Entering (%s,%d,%d)\r\n",
			 s->pasv ? s->pasv : "127,0,0,1", f->port >> 8, f->port & 255);
	else if (strncmp(line, "SIZE", 4) == 0)
		snprintf(reply, sizeof(reply), file ? "213 %zu\r\n" : "550 none\r\n",
			 file ? file->size : 0);
	else if (strncmp(line, "PWD", 3) == 0)
		snprintf(reply, sizeof(reply), "257 \"/\"\r\n");
	else if (strncmp(line, "DELE", 4) == 0 && !file)
		snprintf(reply, sizeof(reply), "550 none\r\n");
	else if (strncmp(line, "DELE", 4) == 0)
		file->name[0] = '\0';
	else if (strncmp(line, "RNFR", 4) == 0)
		snprintf(f->renamed, sizeof(f->renamed), "%s", name);
	if (strncmp(line, "RNFR", 4) == 0)
		snprintf(reply, sizeof(reply), file ? "350 to?\r\n" : "550 none\r\n");
	return say(f->control, reply);
}

/* False when the connection is to end. */
static inline bool ftp_line(struct ftp_state *f, char *line)
{
	const struct ftp *s = f->script;
	const struct {
		const char *verb, *reply;
	} fixed[] = {
		{ "USER", s->user ? s->user : "331 go on\r\n" },
		{ "PASS", s->pass ? s->pass : "230 in\r\n" },
		{ "TYPE", s->type }, { "SIZE", s->size },
		{ "MDTM", f->seen->transfers > 0 && s->mdtm_later ? s->mdtm_later : s->mdtm },
		{ "CWD", s->cwd }, { "EPSV", s->epsv }, { "DELE", s->dele }, { "RNFR", s->rnfr },
	};
	char *name = strchr(line, ' ');

	name = name ? name + 1 : line + strlen(line);
	if (strncmp(line, "QUIT", 4) == 0 && s->mute_quit)
		outwait(f->control);
	for (size_t i = 0; i < COUNT(fixed); i++)
		if (fixed[i].reply && strncmp(line, fixed[i].verb, strlen(fixed[i].verb)) == 0)
			return say(f->control, fixed[i].reply);
	if (strncmp(line, "REST", 4) == 0) {
		if (!s->rest)
			f->rest = (size_t)atol(name);
		return say(f->control, s->rest ? s->rest : "350 from there\r\n");
	}
	if (strncmp(line, "RETR", 4) == 0)
		return ftp_retr(f, name);
	if (strncmp(line, "STOR", 4) == 0)
		return ftp_stor(f, name);
	if (strncmp(line, "RNTO", 4) == 0)
		return ftp_rnto(f, name);
	return ftp_simple(f, line, name);
}

static inline void serve_ftp(int fd, const void *script, struct seen *seen)
{
	/* of this child process alone */
	static struct ftp_file files[FTP_FILES];
	struct ftp_state f = { .script = script, .seen = seen, .files = files,
			       .control = fd };
	char line[512];

	if (seen->connections == 1 && f.script->has > 0) {
		snprintf(files[0].name, sizeof(files[0].name), "d.bin");
		memcpy(files[0].bytes, blob() + f.script->from, f.script->has);
		files[0].size = f.script->has;
	}
	f.listener = listen_on_loopback(&f.port);
	say(fd, "220 hi\r\n");
	while (get(fd, line, sizeof(line), false)) {
		note(seen, line);
		line[strcspn(line, "\r\n")] = '\0';
		if (!ftp_line(&f, line))
			break;
	}
	close(f.listener);
}

/* A directory of the test, and a file in it. */
struct place {
	char dir[64];
	char path[96];
};

static inline void make_place(struct place *p)
{
	snprintf(p->dir, sizeof(p->dir), "/tmp/dfota-server-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/d.bin", p->dir);
}

static inline void drop_place(struct place *p)
{
	unlink(p->path);
	if (rmdir(p->dir) < 0)
		fail_msg("%s is left over: %s", p->dir, strerror(errno));
}

/* Write SIZE bytes of blob() to the file. */
static inline void fill_place(struct place *p, size_t from, size_t size)
{
	FILE *f = fopen(p->path, "wbe");

	assert_non_null(f);
	assert_int_equal(fwrite(blob() + from, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static inline void assert_file(const struct place *p, const void *bytes, size_t size)
{
	char *have = malloc(size + 1);
	FILE *f = fopen(p->path, "rbe");

	assert_non_null(have);
	assert_non_null(f);
	if (fread(have, 1, size + 1, f) != size || memcmp(have, bytes, size) != 0)
		fail_msg("%s does not hold the %zu bytes that were meant", p->path, size);
	fclose(f);
	free(have);
}

#define SIZE 20000	/* of the usual file */
#define CAP 100000

/* A download and what came of it. */
struct task {
	const struct server_settings *settings;	/* NULL: quick */
	const struct server_access *access;
	uint64_t size;
	const char *sha256;
	unsigned cancel_at;	/* progress call that says stop; 0: none */
	uint64_t cancel_done;	/* ... or the first with so many bytes; 0: none */
	double cancel_time;	/* ... or the first then; 0: none */
	struct interrupt *interrupt;	/* it raises this instead; NULL: none */

	struct place place;
	unsigned calls;
	uint64_t done, total;
	bool backwards;
	struct server_status status;
	struct err e;
};

static inline bool watch_task(void *ctx, uint64_t done, uint64_t total)
{
	struct task *j = ctx;

	j->backwards = j->backwards || done < j->done;
	j->done = done;
	j->total = total;
	j->calls++;
	if (j->calls != j->cancel_at && !(j->cancel_done > 0 && done >= j->cancel_done) &&
	    !(j->cancel_time > 0 && seconds() >= j->cancel_time))
		return true;
	if (j->interrupt)
		interrupt_raise(j->interrupt);
	return j->interrupt != NULL;
}

static inline int download_url(struct task *j, const char *url)
{
	static const struct server_settings quick = {
		.connect_s = 5, .stall_s = 30, .pause_ms = 10, .retries = 3,
	};

	const struct server_watch watch = { watch_task, j, j->interrupt };

	memset(&j->e, 0, sizeof(j->e));
	return server_download_with(j->settings ? j->settings : &quick, url, j->access,
				    j->place.path, CAP, j->size, j->sha256, &watch,
				    &j->status, &j->e);
}

static inline int download(struct task *j, const struct server *s, const char *scheme)
{
	char url[64];

	snprintf(url, sizeof(url), "%s://127.0.0.1:%d/d.bin", scheme, s->port);
	make_place(&j->place);
	return download_url(j, url);
}

/* It failed, in these words, and nothing is left of it. */
static inline void assert_failed(struct task *j, int result, enum err_code code,
			  const char *words)
{
	if (result == 0)
		fail_msg("downloaded; expected: %s", words);
	if (j->e.code != code)
		fail_msg("code %d, not %d: %s", (int)j->e.code, (int)code, err_read(&j->e));
	assert_contains(err_read(&j->e), words);
	if (access(j->place.path, F_OK) == 0)
		fail_msg("left over after: %s", err_read(&j->e));
	drop_place(&j->place);
}

static inline void assert_done(struct task *j, int result, const void *bytes, size_t size)
{
	struct stat st;

	if (result < 0)
		fail_msg("%s", err_read(&j->e));
	assert_int_equal(j->status.kind, SERVER_OK);
	assert_file(&j->place, bytes, size);
	assert_int_equal(stat(j->place.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	drop_place(&j->place);
}

#define TURNS(table) &(const struct turns){ table, COUNT(table) }
#define V1 "ETag: \"v1\"\r\nAccept-Ranges: bytes\r\n"

static inline int server_tests_begin(void **state)
{
	struct err e;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	blob();
	silence = mmap(NULL, sizeof(*silence), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (silence == MAP_FAILED)
		return -1;
	time_is_real = false;
	return server_load(&e);
}

static inline int server_tests_end(void **state)
{
	(void)state;
	time_is_real = true;
	munmap(silence, sizeof(*silence));
	return 0;
}

#endif
