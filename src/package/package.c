#include "config.h"

#include "package/package.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ini.h>
#include <nettle/base16.h>
#include <nettle/sha2.h>

#include "base/count.h"
#include "base/version.h"

/* Small enough for a thread with a 64 KiB stack (faults.md E13). */
#define CHUNK_SIZE 8192

/* A manifest is five short lines: what is much longer is some other file. */
#define MANIFEST_MAX_SIZE 65536

struct package {
	int fd;
	uint64_t size;
	uint64_t escapes;
	unsigned char digest[SHA256_DIGEST_SIZE];
	char sha256[SHA256_TEXT_SIZE];
	struct sha256_ctx sent;		/* of what package_read() gave out */
	uint64_t sent_size;
	bool sent_in_order;
	bool intact;
	struct look look;
	char name[NAME_MAX + 1];
};

static_assert(SHA256_TEXT_SIZE == 2 * SHA256_DIGEST_SIZE + 1,
	      "a digest in hex and its NUL");

/* Read SIZE bytes at OFFSET, signals and short reads notwithstanding. Returns
 * how many the file had, -1 with errno. */
static ssize_t read_at(int fd, void *buf, size_t size, uint64_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, (char *)buf + done, size - done,
				  (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int check_regular(const struct stat *st, const char *path,
			 struct err *e)
{
	enum message_id id = MSG_FILE_IS_DEVICE;

	if (S_ISREG(st->st_mode))
		return 0;
	if (S_ISDIR(st->st_mode))
		id = MSG_FILE_IS_DIRECTORY;
	if (S_ISFIFO(st->st_mode))
		id = MSG_FILE_IS_FIFO;
	if (S_ISSOCK(st->st_mode))
		id = MSG_FILE_IS_SOCKET;
	return err_fail(e, id, "path=%s", path);
}

/* What is said when a file cannot be opened. */
struct refusals {
	enum message_id missing, unreadable;
};

static int refuse(const struct refusals *say, const char *path, struct err *e)
{
	bool missing = errno == ENOENT || errno == ENOTDIR;

	return err_fail_sys(e, missing ? say->missing : say->unreadable, errno, "path=%s", path);
}

/* Open PATH for reading. It is looked at before it is opened: opening a tty
 * would move its modem lines, opening a FIFO would wait for a writer. */
static int open_regular(const char *path, const struct refusals *say, struct stat *st,
			struct err *e)
{
	int fd;

	if (stat(path, st) < 0)
		return refuse(say, path, e);
	if (check_regular(st, path, e) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return refuse(say, path, e);
	if (fstat(fd, st) < 0) {
		refuse(say, path, e);
		close(fd);
		return -1;
	}
	if (check_regular(st, path, e) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static int check_size(const struct stat *st, const char *path, long max_size,
		      struct err *e)
{
	if (st->st_size == 0)
		return err_fail(e, MSG_PACKAGE_EMPTY, "path=%s", path);
	if (st->st_size <= max_size)
		return 0;
	return err_fail(e, MSG_PACKAGE_LARGE, "path=%s size=%lld most=%ld", path,
			(long long)st->st_size, max_size);
}

/* N bytes were read where the package should have WANT; ID: it changed. */
static int read_failed(const struct package *p, ssize_t n, enum message_id id, struct err *e)
{
	return n < 0 ? err_fail_sys(e, MSG_FILE_READ_FAILED, errno, "path=%s", p->name) :
		       err_fail(e, id, "package=%s", p->name);
}

static void digest_text(char out[SHA256_TEXT_SIZE], const unsigned char *digest)
{
	base16_encode_update(out, SHA256_DIGEST_SIZE, digest);
	out[SHA256_TEXT_SIZE - 1] = '\0';
}

/* Hash P to its end, look at it and count the offsets of "+++". */
static int measure(struct package *p, struct err *e)
{
	unsigned char chunk[CHUNK_SIZE];
	struct sha256_ctx ctx;
	struct look_scan scan;
	unsigned run = 0;
	uint64_t at = 0;

	sha256_init(&ctx);
	look_begin(&scan);
	while (at < p->size) {
		uint64_t left = p->size - at;
		size_t want = left < sizeof(chunk) ? (size_t)left : sizeof(chunk);
		ssize_t n = read_at(p->fd, chunk, want, at);

		if (n < 0 || (size_t)n < want)
			return read_failed(p, n, MSG_PACKAGE_CHANGED_READ, e);
		sha256_update(&ctx, (size_t)n, chunk);
		look_feed(&scan, chunk, (size_t)n);
		for (size_t i = 0; i < (size_t)n; i++) {
			run = chunk[i] == '+' ? run + 1 : 0;
			if (run >= 3)
				p->escapes++;
		}
		at += (uint64_t)n;
	}
	sha256_digest(&ctx, sizeof(p->digest), p->digest);
	digest_text(p->sha256, p->digest);
	p->look = look_end(&scan, true);
	return 0;
}

struct package *package_open(const char *path, long max_size, struct err *e)
{
	static const struct refusals say = { MSG_PACKAGE_MISSING, MSG_PACKAGE_UNREADABLE };
	const char *slash = strrchr(path, '/');
	struct package *p;
	struct stat st;
	int fd = open_regular(path, &say, &st, e);

	if (fd < 0)
		return NULL;
	if (check_size(&st, path, max_size, e) < 0) {
		close(fd);
		return NULL;
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", path);
		close(fd);
		return NULL;
	}
	p->fd = fd;
	p->size = (uint64_t)st.st_size;
	snprintf(p->name, sizeof(p->name), "%s", slash ? slash + 1 : path);
	if (measure(p, e) < 0) {
		package_close(p);
		return NULL;
	}
	return p;
}

struct package *package_again(const struct package *p, struct err *e)
{
	struct package *again = malloc(sizeof(*again));

	if (!again) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", p->name);
		return NULL;
	}
	*again = *p;
	again->sent_size = 0;
	again->sent_in_order = again->intact = false;
	again->fd = fcntl(p->fd, F_DUPFD_CLOEXEC, 0);
	if (again->fd >= 0)
		return again;
	err_fail_sys(e, MSG_FILE_READ_FAILED, errno, "path=%s", p->name);
	free(again);
	return NULL;
}

void package_close(struct package *p)
{
	if (!p)
		return;
	close(p->fd);
	free(p);
}

uint64_t package_size(const struct package *p)
{
	return p->size;
}

const char *package_sha256(const struct package *p)
{
	return p->sha256;
}

const char *package_name(const struct package *p)
{
	return p->name;
}

const struct look *package_look(const struct package *p)
{
	return &p->look;
}

uint64_t package_escapes(const struct package *p)
{
	return p->escapes;
}

/* Would a pause before the byte at BORDER come to lie inside of a "+++" or
 * right at its edge? A package that cannot be read isolates nothing:
 * package_read() will report it. */
static bool isolates(const struct package *p, uint64_t border)
{
	uint64_t from = border < 3 ? 0 : border - 3;
	char around[6];
	ssize_t n = read_at(p->fd, around, (size_t)(border + 3 - from), from);

	for (ssize_t i = 0; i + 3 <= n; i++)
		if (memcmp(&around[i], "+++", 3) == 0)
			return true;
	return false;
}

size_t package_block(const struct package *p, uint64_t offset, size_t size)
{
	uint64_t left;

	assert(offset < p->size && size > 0);
	left = p->size - offset;
	if (size >= left)
		return (size_t)left;
	if (p->escapes == 0)
		return size;
	for (size_t fit = size; fit > 0; fit--)
		if (!isolates(p, offset + fit))
			return fit;
	/* Nothing but '+' all the way: no border is better than another, and
	 * the longest write has the fewest. */
	return size;
}

int package_read(struct package *p, uint64_t offset, void *buf, size_t size,
		 struct err *e)
{
	unsigned char digest[SHA256_DIGEST_SIZE];
	ssize_t n = read_at(p->fd, buf, size, offset);

	if (n < 0 || (size_t)n < size)
		return read_failed(p, n, MSG_PACKAGE_CHANGED_SENT, e);
	if (offset == 0) {
		sha256_init(&p->sent);
		p->sent_size = 0;
		p->sent_in_order = true;
		p->intact = false;
	}
	if (offset != p->sent_size)
		p->sent_in_order = false;
	if (!p->sent_in_order) {
		p->intact = false;
		return 0;
	}
	sha256_update(&p->sent, size, buf);
	p->sent_size += size;
	if (p->sent_size == p->size) {
		struct sha256_ctx ctx = p->sent;

		sha256_digest(&ctx, sizeof(digest), digest);
		p->intact = memcmp(digest, p->digest, sizeof(digest)) == 0;
	}
	return 0;
}

bool package_intact(const struct package *p)
{
	return p->intact;
}

int package_digest(struct package *p, uint64_t offset, uint64_t size,
		   char out[SHA256_TEXT_SIZE], struct err *e)
{
	unsigned char chunk[CHUNK_SIZE], digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx ctx;

	sha256_init(&ctx);
	while (size > 0) {
		size_t want = size < sizeof(chunk) ? (size_t)size : sizeof(chunk);
		ssize_t n = read_at(p->fd, chunk, want, offset);

		if (n < 0 || (size_t)n < want)
			return read_failed(p, n, MSG_PACKAGE_CHANGED_SENT, e);
		sha256_update(&ctx, want, chunk);
		offset += want;
		size -= want;
	}
	sha256_digest(&ctx, sizeof(digest), digest);
	digest_text(out, digest);
	return 0;
}

int package_check_manifest(const struct package *p, const struct manifest *m,
			   struct err *e)
{
	if (p->size != m->size)
		return err_fail(e, MSG_PACKAGE_SIZE_DIFFERS, "package=%s size=%llu manifest=%llu",
				p->name, (unsigned long long)p->size, (unsigned long long)m->size);
	if (strcmp(p->sha256, m->sha256) != 0)
		return err_fail(e, MSG_PACKAGE_DIGEST_DIFFERS, "package=%s sha256=%s manifest=%s",
				p->name, p->sha256, m->sha256);
	return 0;
}

enum key_kind { KEY_TEXT, KEY_SIZE, KEY_SHA256 };

static const struct key {
	const char *name;
	enum key_kind kind;
	size_t offset, room;	/* in struct manifest */
	enum message_id wrong;
} keys[] = {
	{ "model", KEY_TEXT, offsetof(struct manifest, model), MODEL_SIZE, MSG_MANIFEST_MODEL },
	{ "from", KEY_TEXT, offsetof(struct manifest, from), VERSION_SIZE, MSG_MANIFEST_VERSION },
	{ "to", KEY_TEXT, offsetof(struct manifest, to), VERSION_SIZE, MSG_MANIFEST_VERSION },
	{ "size", KEY_SIZE, offsetof(struct manifest, size), 0, MSG_MANIFEST_SIZE },
	{ "sha256", KEY_SHA256, offsetof(struct manifest, sha256), SHA256_TEXT_SIZE,
	  MSG_MANIFEST_SHA256 },
};

#define KEY_COUNT (COUNT(keys))

/* One word of printable ASCII. '"' would close an AT parameter, ';' begins a
 * comment in the file. */
static bool store_text(char *out, size_t room, const char *value)
{
	size_t size = strlen(value);

	if (size == 0 || size >= room)
		return false;
	for (size_t i = 0; i < size; i++)
		if (value[i] < 0x21 || value[i] > 0x7e || value[i] == '"' ||
		    value[i] == ';')
			return false;
	memcpy(out, value, size + 1);
	return true;
}

static bool store_size(uint64_t *out, const char *value)
{
	uint64_t size = 0;

	if (*value == '\0')
		return false;
	for (; *value != '\0'; value++) {
		unsigned digit = (unsigned)(*value - '0');

		if (digit > 9 || size > (UINT64_MAX - digit) / 10)
			return false;
		size = size * 10 + digit;
	}
	*out = size;
	return size > 0;
}

/* Upper case is accepted, as some tools print it, and kept in lower case. */
static bool store_sha256(char *out, const char *value)
{
	char text[SHA256_TEXT_SIZE];
	size_t size = 0;

	for (; size < sizeof(text) - 1 && value[size] != '\0'; size++) {
		char c = value[size];

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
		text[size] = c;
	}
	if (size != sizeof(text) - 1 || value[size] != '\0')
		return false;
	text[size] = '\0';
	memcpy(out, text, sizeof(text));
	return true;
}

static bool store(struct manifest *m, const struct key *key, const char *value)
{
	void *field = (char *)m + key->offset;

	switch (key->kind) {
	case KEY_TEXT:
		return store_text(field, key->room, value);
	case KEY_SIZE:
		return store_size(field, value);
	case KEY_SHA256:
		return store_sha256(field, value);
	}
	return false;
}

/* A manifest on its way through the parser. The first thing wrong ends it. */
struct reading {
	FILE *file;
	const char *path;
	struct manifest *m;
	struct err *e;
	int line;
	size_t size;			/* bytes so far */
	bool failed;
	int seen_at[KEY_COUNT];		/* line; 0: not yet */
};

/* E says what is wrong with this line. Returns 0, which ends the parser. */
static int fail(struct reading *r)
{
	r->failed = true;
	err_doing(r->e, MSG_IN_LINE, "path=%s line=%d", r->path, r->line);
	return 0;
}

/* The parser's fgets. Leading blanks are taken away: to the parser such a
 * line would continue the one before. */
static char *next_line(char *out, int room, void *stream)
{
	struct reading *r = stream;
	int size = 0, c;
	char hex[8];

	if (r->failed)
		return NULL;
	r->line++;
	while ((c = getc(r->file)) != EOF) {
		if (++r->size > MANIFEST_MAX_SIZE || size + 2 >= room) {
			err_fail(r->e, MSG_MANIFEST_LONG, "");
			fail(r);
			return NULL;
		}
		if (c == '\n')
			break;
		if (size == 0 && (c == ' ' || c == '\t'))
			continue;
		out[size++] = (char)c;
	}
	if (c == EOF && size == 0)
		return NULL;
	if (size > 0 && out[size - 1] == '\r')
		size--;
	for (int i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)out[i];

		if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
			snprintf(hex, sizeof(hex), "0x%02x", byte);
			err_fail(r->e, MSG_MANIFEST_CONTROL, "byte=%s", hex);
			fail(r);
			return NULL;
		}
	}
	out[size++] = '\n';
	out[size] = '\0';
	return out;
}

static int store_pair(void *user, const char *section, const char *name,
		     const char *value)
{
	struct reading *r = user;

	if (r->failed)
		return 0;
	if (*section != '\0') {
		err_fail(r->e, MSG_MANIFEST_SECTION, "");
		return fail(r);
	}
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(name, keys[i].name) != 0)
			continue;
		if (r->seen_at[i] != 0) {
			err_fail(r->e, MSG_MANIFEST_TWICE, "key=%s line=%d", name, r->seen_at[i]);
			return fail(r);
		}
		r->seen_at[i] = r->line;
		if (store(r->m, &keys[i], value))
			return 1;
		err_fail(r->e, keys[i].wrong, "key=%s value=%s", name, value);
		return fail(r);
	}
	err_fail(r->e, MSG_MANIFEST_KEY, "key=%s", name);
	return fail(r);
}

/* What no single line shows. */
static int check_complete(const struct reading *r)
{
	size_t i = 0;

	while (i < KEY_COUNT && r->seen_at[i] != 0)
		i++;
	if (i == KEY_COUNT && version_compare(r->m->from, r->m->to) != VERSION_SAME)
		return 0;
	if (i < KEY_COUNT)
		err_fail(r->e, MSG_MANIFEST_KEY_MISSING, "key=%s", keys[i].name);
	else
		err_fail(r->e, MSG_MANIFEST_SAME, "version=%s", r->m->to);
	return err_doing(r->e, MSG_IN_FILE, "path=%s", r->path);
}

int manifest_read(const char *path, struct manifest *m, struct err *e)
{
	static const struct refusals say = { MSG_MANIFEST_MISSING, MSG_MANIFEST_UNREADABLE };
	struct reading r = { .path = path, .m = m, .e = e };
	struct stat st;
	int fd, bad_line;

	memset(m, 0, sizeof(*m));
	fd = open_regular(path, &say, &st, e);
	if (fd < 0)
		return -1;
	r.file = fdopen(fd, "r");
	if (!r.file) {
		err_fail(e, MSG_NO_MEMORY, "what=%s", path);
		close(fd);
		return -1;
	}
	bad_line = ini_parse_stream(next_line, &r, store_pair, &r);
	if (ferror(r.file)) {
		r.failed = true;
		err_fail_sys(e, MSG_FILE_READ_FAILED, errno, "path=%s", path);
	} else if (bad_line > 0 && (!r.failed || bad_line < r.line)) {
		/* no '=' in it: the parser said nothing and went on */
		r.line = bad_line;
		err_fail(e, MSG_MANIFEST_NO_PAIR, "");
		fail(&r);
	} else if (bad_line < 0 && !r.failed) {
		r.failed = true;
		err_fail(e, MSG_NO_MEMORY, "what=%s", path);
	}
	fclose(r.file);
	return r.failed ? -1 : check_complete(&r);
}

int manifest_path(char *out, size_t out_size, const char *package_path,
		  struct err *e)
{
	int n = snprintf(out, out_size, "%s.manifest", package_path);

	if (n >= 0 && (size_t)n < out_size)
		return 0;
	return err_fail(e, MSG_MANIFEST_PATH_LONG, "path=%s", package_path);
}

/* M as it stands in the file, into OUT. What could not be read back is not
 * written. */
static int format_manifest(char *out, size_t out_size,
			   const struct manifest *m, struct err *e)
{
	struct manifest check = { .size = m->size };
	int n;

	for (size_t i = 0; i < KEY_COUNT; i++) {
		const char *value = (const char *)m + keys[i].offset;

		if (keys[i].kind == KEY_SIZE ? m->size > 0 :
					       store(&check, &keys[i], value))
			continue;
		return err_fail(e, keys[i].wrong, "key=%s value=%s", keys[i].name,
				keys[i].kind == KEY_SIZE ? "0" : value);
	}
	if (version_compare(m->from, m->to) == VERSION_SAME)
		return err_fail(e, MSG_MANIFEST_SAME, "version=%s", m->to);
	n = snprintf(out, out_size,
		     "model = %s\nfrom = %s\nto = %s\nsize = %" PRIu64 "\nsha256 = %s\n",
		     check.model, check.from, check.to, check.size,
		     check.sha256);
	assert(n > 0 && (size_t)n < out_size);
	return 0;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

/* Make the name of PATH in its directory durable. */
static int sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char directory[FILE_SIZE + 8];
	int fd, result;

	snprintf(directory, sizeof(directory), "%.*s",
		 slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = fsync(fd);
	close(fd);
	return result;
}

int manifest_write(const char *path, const struct manifest *m, struct err *e)
{
	char text[512], temporary[FILE_SIZE + 8];
	int fd, n, failed;

	if (format_manifest(text, sizeof(text), m, e) < 0) {
		err_doing(e, MSG_DOING_WRITE, "path=%s", path);
		e->code = ERR_USAGE;	/* it comes from the command line, not from a file */
		return -1;
	}
	n = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(temporary))
		return err_fail_sys(e, MSG_MANIFEST_NOT_WRITTEN, ENAMETOOLONG, "path=%s", path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_fail_sys(e, MSG_MANIFEST_NOT_WRITTEN, errno, "path=%s", path);
	failed = write_all(fd, text) < 0 || fchmod(fd, 0644) < 0 ||
		 fsync(fd) < 0 || rename(temporary, path) < 0;
	if (failed) {
		err_fail_sys(e, MSG_MANIFEST_NOT_WRITTEN, errno, "path=%s", path);
		unlink(temporary);
	} else if (sync_directory(path) < 0) {
		failed = 1;
		err_fail_sys(e, MSG_MANIFEST_SYNC, errno, "path=%s", path);
	}
	close(fd);
	return failed ? -1 : 0;
}
