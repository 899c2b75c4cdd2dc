#include "config.h"

#include "package/package.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ini.h>
#include <nettle/sha2.h>

#include "base/count.h"
#include "base/text.h"

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
	static const struct {
		mode_t type;
		const char *words;
	} kinds[] = {
		{ S_IFDIR, "a directory" },
		{ S_IFIFO, "a FIFO" },
		{ S_IFSOCK, "a socket" },
		{ S_IFCHR, "a device" },
		{ S_IFBLK, "a device" },
	};

	if (S_ISREG(st->st_mode))
		return 0;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if ((st->st_mode & S_IFMT) == kinds[i].type)
			return err_set(e, ERR_PACKAGE,
				       "%s is %s, not a regular file", path,
				       kinds[i].words);
	return err_set(e, ERR_PACKAGE, "%s is not a regular file", path);
}

/* Open PATH for reading. It is looked at before it is opened: opening a tty
 * would move its modem lines, opening a FIFO would wait for a writer. */
static int open_regular(const char *path, struct stat *st, struct err *e)
{
	int fd;

	if (stat(path, st) < 0)
		return err_sys(e, ERR_PACKAGE, errno, "opening %s", path);
	if (check_regular(st, path, e) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return err_sys(e, ERR_PACKAGE, errno, "opening %s", path);
	if (fstat(fd, st) < 0) {
		err_sys(e, ERR_PACKAGE, errno, "opening %s", path);
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
	char have[28], most[28];

	if (st->st_size == 0)
		return err_set(e, ERR_PACKAGE,
			       "%s is empty: copy the package anew", path);
	if (st->st_size <= max_size)
		return 0;
	text_count(have, (unsigned long long)st->st_size);
	text_count(most, (unsigned long long)max_size);
	return err_set(e, ERR_PACKAGE,
		       "%s has %s bytes; a DFOTA package for this module has at most %s",
		       path, have, most);
}

static int changed(struct err *e, const struct package *p, const char *when)
{
	return err_set(e, ERR_PACKAGE, "%s changed while it was being %s",
		       p->name, when);
}

static void digest_text(char out[SHA256_TEXT_SIZE], const unsigned char *digest)
{
	for (size_t i = 0; i < SHA256_DIGEST_SIZE; i++)
		snprintf(&out[2 * i], 3, "%02x", digest[i]);
}

/* Hash P to its end and count the offsets of "+++". */
static int measure(struct package *p, struct err *e)
{
	unsigned char chunk[CHUNK_SIZE];
	struct sha256_ctx ctx;
	unsigned run = 0;
	uint64_t at = 0;

	sha256_init(&ctx);
	while (at < p->size) {
		uint64_t left = p->size - at;
		size_t want = left < sizeof(chunk) ? (size_t)left : sizeof(chunk);
		ssize_t n = read_at(p->fd, chunk, want, at);

		if (n < 0)
			return err_sys(e, ERR_PACKAGE, errno, "reading %s",
				       p->name);
		if ((size_t)n < want)
			return changed(e, p, "read");
		sha256_update(&ctx, (size_t)n, chunk);
		for (size_t i = 0; i < (size_t)n; i++) {
			run = chunk[i] == '+' ? run + 1 : 0;
			if (run >= 3)
				p->escapes++;
		}
		at += (uint64_t)n;
	}
	sha256_digest(&ctx, sizeof(p->digest), p->digest);
	digest_text(p->sha256, p->digest);
	return 0;
}

struct package *package_open(const char *path, long max_size, struct err *e)
{
	const char *slash = strrchr(path, '/');
	struct package *p;
	struct stat st;
	int fd = open_regular(path, &st, e);

	if (fd < 0)
		return NULL;
	if (check_size(&st, path, max_size, e) < 0) {
		close(fd);
		return NULL;
	}
	p = calloc(1, sizeof(*p));
	if (!p) {
		err_sys(e, ERR_CRASH, errno, "opening %s", path);
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

uint64_t package_escapes(const struct package *p)
{
	return p->escapes;
}

/* Would a pause before the byte at BORDER come to lie inside of a "+++" or
 * right at its edge? A package that cannot be read isolates nothing:
 * package_read() will tell. */
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

	if (n < 0)
		return err_sys(e, ERR_PACKAGE, errno, "reading %s", p->name);
	if ((size_t)n < size)
		return changed(e, p, "sent");
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

		if (n < 0)
			return err_sys(e, ERR_PACKAGE, errno, "reading %s", p->name);
		if ((size_t)n < want)
			return changed(e, p, "sent");
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
	char have[28], said[28];

	if (p->size != m->size) {
		text_count(have, p->size);
		text_count(said, m->size);
		return err_set(e, ERR_PACKAGE,
			       "%s has %s bytes, its manifest says %s: one of the two is another package's",
			       p->name, have, said);
	}
	if (strcmp(p->sha256, m->sha256) != 0)
		return err_set(e, ERR_PACKAGE,
			       "%s has the SHA-256 %s, its manifest says %s: the package is damaged or another one",
			       p->name, p->sha256, m->sha256);
	return 0;
}

enum key_kind { KEY_TEXT, KEY_SIZE, KEY_SHA256 };

static const struct key {
	const char *name;
	enum key_kind kind;
	size_t offset, room;	/* in struct manifest */
	const char *rule;
} keys[] = {
	{ "model", KEY_TEXT, offsetof(struct manifest, model), MODEL_SIZE,
	  "the model as ATI prints it, such as UG96" },
	{ "from", KEY_TEXT, offsetof(struct manifest, from), VERSION_SIZE,
	  "a version as AT+CGMR prints it, such as UG96LNAR02A06E1G" },
	{ "to", KEY_TEXT, offsetof(struct manifest, to), VERSION_SIZE,
	  "a version as AT+CGMR prints it, such as UG96LNAR02A08E1G" },
	{ "size", KEY_SIZE, offsetof(struct manifest, size), 0,
	  "the bytes of the package in digits, at least 1" },
	{ "sha256", KEY_SHA256, offsetof(struct manifest, sha256),
	  SHA256_TEXT_SIZE, "64 hexadecimal digits" },
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

	for (; value[size] != '\0' && size < sizeof(text) - 1; size++) {
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

static void __attribute__((format(printf, 2, 3)))
fail(struct reading *r, const char *format, ...)
{
	char text[ERR_TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	r->failed = true;
	err_set(r->e, ERR_PACKAGE, "%s, line %d: %s", r->path, r->line, text);
}

/* The parser's fgets. Leading blanks are taken away: to the parser such a
 * line would continue the one before. */
static char *next_line(char *out, int room, void *stream)
{
	struct reading *r = stream;
	int size = 0, c;

	if (r->failed)
		return NULL;
	r->line++;
	while ((c = getc(r->file)) != EOF) {
		if (++r->size > MANIFEST_MAX_SIZE || size + 2 >= room) {
			fail(r, "too long for a manifest: is this the right file?");
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
			fail(r, "control byte 0x%02x: save it as plain text",
			     byte);
			return NULL;
		}
	}
	out[size++] = '\n';
	out[size] = '\0';
	return out;
}

static int take_pair(void *user, const char *section, const char *name,
		     const char *value)
{
	struct reading *r = user;
	char safe[96];

	if (r->failed)
		return 0;
	if (*section != '\0') {
		fail(r, "a manifest has no [sections]");
		return 0;
	}
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcmp(name, keys[i].name) != 0)
			continue;
		if (r->seen_at[i] != 0) {
			fail(r, "\"%s\" stands in line %d already", name,
			     r->seen_at[i]);
			return 0;
		}
		r->seen_at[i] = r->line;
		if (store(r->m, &keys[i], value))
			return 1;
		text_safe_str(safe, sizeof(safe), value);
		fail(r, "%s \"%s\" is not %s", name, safe, keys[i].rule);
		return 0;
	}
	text_safe_str(safe, sizeof(safe), name);
	fail(r, "unknown key \"%s\": the keys are model, from, to, size, sha256",
	     safe);
	return 0;
}

/* What no single line can tell: keys that are not there. */
static int check_complete(const struct reading *r)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (r->seen_at[i] == 0)
			return err_set(r->e, ERR_PACKAGE,
				       "%s: \"%s\" is missing: add it, or write the manifest anew with `dfota manifest`",
				       r->path, keys[i].name);
	if (strcmp(r->m->from, r->m->to) == 0)
		return err_set(r->e, ERR_PACKAGE,
			       "%s: from and to are the same version, %s",
			       r->path, r->m->to);
	return 0;
}

int manifest_read(const char *path, struct manifest *m, struct err *e)
{
	struct reading r = { .path = path, .m = m, .e = e };
	struct stat st;
	int fd, bad_line;

	memset(m, 0, sizeof(*m));
	fd = open_regular(path, &st, e);
	if (fd < 0)
		return -1;
	r.file = fdopen(fd, "r");
	if (!r.file) {
		err_sys(e, ERR_CRASH, errno, "opening %s", path);
		close(fd);
		return -1;
	}
	bad_line = ini_parse_stream(next_line, &r, take_pair, &r);
	if (ferror(r.file)) {
		r.failed = true;
		err_sys(e, ERR_PACKAGE, errno, "reading %s", path);
	} else if (bad_line > 0 && (!r.failed || bad_line < r.line)) {
		/* no '=' in it: the parser told nobody and went on */
		r.line = bad_line;
		fail(&r, "not `key = value`");
	} else if (bad_line < 0 && !r.failed) {
		r.failed = true;
		err_set(e, ERR_CRASH, "reading %s: out of memory", path);
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
	return err_set(e, ERR_PACKAGE, "the path of the manifest, %s.manifest, is too long",
		       package_path);
}

/* M as it stands in the file, into OUT. What could not be read back is not
 * written. */
static int format_manifest(char *out, size_t out_size,
			   const struct manifest *m, struct err *e)
{
	struct manifest check = { .size = m->size };
	char safe[96];
	int n;

	for (size_t i = 0; i < KEY_COUNT; i++) {
		const char *value = (const char *)m + keys[i].offset;

		if (keys[i].kind == KEY_SIZE ? m->size > 0 :
					       store(&check, &keys[i], value))
			continue;
		text_safe_str(safe, sizeof(safe),
			      keys[i].kind == KEY_SIZE ? "0" : value);
		return err_set(e, ERR_USAGE, "%s \"%s\" is not %s",
			       keys[i].name, safe, keys[i].rule);
	}
	if (strcmp(m->from, m->to) == 0)
		return err_set(e, ERR_USAGE,
			       "from and to are the same version, %s", m->to);
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

	if (format_manifest(text, sizeof(text), m, e) < 0)
		return err_wrap(e, "writing %s", path);
	n = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof(temporary))
		return err_set(e, ERR_PACKAGE, "writing %s: the path is too long",
			       path);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, ERR_PACKAGE, errno, "writing %s", path);
	failed = write_all(fd, text) < 0 || fchmod(fd, 0644) < 0 ||
		 fsync(fd) < 0 || rename(temporary, path) < 0;
	if (failed) {
		err_sys(e, ERR_PACKAGE, errno, "writing %s", path);
		unlink(temporary);
	} else if (sync_directory(path) < 0) {
		failed = 1;
		err_sys(e, ERR_PACKAGE, errno, "syncing the directory of %s",
			path);
	}
	close(fd);
	return failed ? -1 : 0;
}
