#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/count.h"
#include "package/package.h"
#include "words.h"

#define NOBODY 65534

#define LIMIT (8L << 20)

#define SHA_EMPTY_HEX "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

/* A directory of its own, made and removed with each test. */
struct fixture {
	char dir[64];
	char path[128];		/* dir/package.bin */
	char manifest[160];	/* path.manifest */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	snprintf(f->dir, sizeof(f->dir), "/tmp/test_package.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/package.bin", f->dir);
	snprintf(f->manifest, sizeof(f->manifest), "%s.manifest", f->path);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	chmod(f->dir, 0700);
	unlink(f->manifest);
	unlink(f->path);
	rmdir(f->path);
	assert_int_equal(rmdir(f->dir), 0);	/* nothing else was left there */
	free(f);
	return 0;
}

static void write_file(const char *path, const void *bytes, size_t size)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static struct package *open_bytes(const struct fixture *f, const void *bytes,
				  size_t size)
{
	struct err e = { 0 };
	struct package *p;

	write_file(f->path, bytes, size);
	p = package_open(f->path, LIMIT, &e);
	if (!p)
		fail_msg("%s", err_read(&e));
	return p;
}

static void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not contain \"%s\"", text, part);
}

static void digest_and_size_are_those_of_the_file(void **state)
{
	static const struct {
		const char *bytes;
		size_t repeat;
		const char *sha256;
	} rows[] = {	/* the vectors of FIPS 180 */
		{ "abc", 1, SHA_ABC },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "a", 1000000,
		  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t length = strlen(rows[i].bytes);
		size_t size = length * rows[i].repeat;
		char *bytes = malloc(size);
		struct package *p;

		assert_non_null(bytes);
		for (size_t k = 0; k < size; k++)
			bytes[k] = rows[i].bytes[k % length];
		p = open_bytes(f, bytes, size);
		assert_string_equal(package_sha256(p), rows[i].sha256);
		assert_int_equal(package_size(p), size);
		assert_string_equal(package_name(p), "package.bin");
		package_close(p);
		free(bytes);
	}
}

static void assert_refused(const char *path, long limit, const char *words)
{
	struct err e = { 0 };
	struct package *p = package_open(path, limit, &e);

	if (p)
		fail_msg("%s was accepted; expected: %s", path, words);
	assert_int_equal(e.code, ERR_PACKAGE);
	assert_contains(err_read(&e), words);
	assert_contains(err_read(&e), path);
}

/* faults.md F11 */
static void what_is_no_package_is_refused_by_size_or_type(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	assert_refused(f->path, LIMIT, "there is no package ");
	write_file(f->path, "", 0);
	assert_refused(f->path, LIMIT, "is empty");
	write_file(f->path, "12345678901", 11);
	assert_refused(f->path, 10, "has 11 bytes");
	assert_int_equal(truncate(f->path, (off_t)4 << 30), 0);
	assert_refused(f->path, LIMIT, "has 4,294,967,296 bytes");
	assert_int_equal(unlink(f->path), 0);
	assert_refused(f->dir, LIMIT, "a directory");
	assert_int_equal(mkfifo(f->path, 0600), 0);
	assert_refused(f->path, LIMIT, "a FIFO");
	assert_int_equal(unlink(f->path), 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", f->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	assert_refused(f->path, LIMIT, "a socket");
	close(fd);
	assert_refused("/dev/zero", LIMIT, "a device");
}

static void an_unreadable_package_is_refused(void **state)
{
	struct fixture *f = *state;

	bool root = geteuid() == 0;	/* who reads everything */

	write_file(f->path, "abc", 3);
	assert_int_equal(chmod(f->path, 0), 0);
	assert_int_equal(root ? chmod(f->dir, 0711) | seteuid(NOBODY) : 0, 0);
	assert_refused(f->path, LIMIT, "Permission denied");
	assert_int_equal(root ? seteuid(0) : 0, 0);
}

static void one_byte_and_the_limit_itself_are_opened(void **state)
{
	struct fixture *f = *state;
	struct package *p = open_bytes(f, "x", 1);
	struct err e = { 0 };

	assert_int_equal(package_size(p), 1);
	assert_int_equal(package_block(p, 0, 1000), 1);
	package_close(p);
	write_file(f->path, "1234567890", 10);
	p = package_open(f->path, 10, &e);
	assert_non_null(p);
	package_close(p);
}

static void a_link_to_a_package_is_followed(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	struct package *p;

	write_file(f->path, "abc", 3);
	assert_int_equal(symlink(f->path, f->manifest), 0);
	p = package_open(f->manifest, LIMIT, &e);
	assert_non_null(p);
	assert_string_equal(package_sha256(p), SHA_ABC);
	package_close(p);
}

static void escapes_are_counted_at_every_offset(void **state)
{
	static const struct {
		const char *bytes;
		uint64_t count;
	} rows[] = {
		{ "abc", 0 },	{ "++", 0 },	   { "++a+", 0 },
		{ "+++", 1 },	{ "a+++b", 1 },	   { "++++", 2 },
		{ "+++++", 3 }, { "+++a+++b+", 2 }, { "++a+++", 1 },
	};
	struct fixture *f = *state;
	char chunky[20000];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct package *p =
			open_bytes(f, rows[i].bytes, strlen(rows[i].bytes));

		if (package_escapes(p) != rows[i].count)
			fail_msg("%s: %llu", rows[i].bytes,
				 (unsigned long long)package_escapes(p));
		package_close(p);
	}
	/* across whatever border the file is read at */
	for (size_t at = 8100; at < 8300; at++) {
		struct package *p;

		memset(chunky, 'x', sizeof(chunky));
		memcpy(&chunky[at], "+++", 3);
		p = open_bytes(f, chunky, sizeof(chunky));
		assert_int_equal(package_escapes(p), 1);
		package_close(p);
	}
}

/* Is a pause before byte BORDER of BYTES inside of, or at the edge of, a "+++"? */
static bool bad_border(const char *bytes, size_t size, size_t border)
{
	for (size_t k = border < 3 ? 0 : border - 3; k <= border; k++)
		if (k + 3 <= size && memcmp(&bytes[k], "+++", 3) == 0)
			return true;
	return false;
}

/* protocol.md 2.2: at every offset around a block border */
static void no_write_ends_in_or_beside_an_escape(void **state)
{
	struct fixture *f = *state;
	char bytes[2100];

	for (size_t at = 1000 - 10; at < 1024 + 10; at++) {
		struct package *p;

		memset(bytes, 'x', sizeof(bytes));
		memcpy(&bytes[at], "+++", 3);
		p = open_bytes(f, bytes, sizeof(bytes));
		for (size_t size = 990; size < 1040; size++) {
			size_t fit = package_block(p, 0, size);
			size_t best = size;

			while (bad_border(bytes, sizeof(bytes), best))
				best--;
			if (fit != best)
				fail_msg("+++ at %zu, size %zu: %zu, not %zu",
					 at, size, fit, best);
		}
		package_close(p);
	}
}

static void a_package_is_sent_whole_in_blocks_whatever_is_in_it(void **state)
{
	static const size_t sizes[] = { 1, 24, 1000, 1024 };
	struct fixture *f = *state;
	char bytes[3000];

	for (unsigned pattern = 0; pattern < 4; pattern++) {
		struct package *p;

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = pattern == 0 || i % (pattern + 2) != 0 ? '+' : 'x';
		p = open_bytes(f, bytes, sizeof(bytes));
		for (size_t i = 0; i < COUNT(sizes); i++) {
			size_t at = 0;

			while (at < sizeof(bytes)) {
				size_t n = package_block(p, at, sizes[i]);

				assert_in_range(n, 1, sizes[i]);
				at += n;
			}
			assert_int_equal(at, sizeof(bytes));
		}
		package_close(p);
	}
}

static void the_end_of_the_package_is_always_allowed(void **state)
{
	struct fixture *f = *state;
	struct package *p = open_bytes(f, "abcde+++", 8);

	assert_int_equal(package_block(p, 0, 8), 8);
	assert_int_equal(package_block(p, 0, 1000), 8);
	assert_int_equal(package_block(p, 0, 7), 4);
	assert_int_equal(package_block(p, 4, 7), 4);
	package_close(p);
}

static void reading_in_order_proves_the_package_intact(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	struct package *p = open_bytes(f, "abcdefgh", 8);
	char got[9] = "";

	assert_false(package_intact(p));
	assert_int_equal(package_read(p, 0, got, 3, &e), 0);
	assert_int_equal(package_read(p, 3, got + 3, 4, &e), 0);
	assert_false(package_intact(p));
	assert_int_equal(package_read(p, 7, got + 7, 1, &e), 0);
	assert_true(package_intact(p));
	assert_string_equal(got, "abcdefgh");

	/* from the start again */
	assert_int_equal(package_read(p, 0, got, 8, &e), 0);
	assert_true(package_intact(p));
	package_close(p);
}

static void reading_out_of_order_proves_nothing(void **state)
{
	static const struct {
		uint64_t offset;
		size_t size;
	} reads[][3] = {
		{ { 0, 4 }, { 0, 4 }, { 4, 4 } },	/* restarted: fine */
		{ { 0, 4 }, { 3, 1 }, { 4, 4 } },
		{ { 0, 4 }, { 5, 3 }, { 4, 4 } },
		{ { 4, 4 }, { 4, 4 }, { 4, 4 } },
	};
	struct fixture *f = *state;
	struct package *p = open_bytes(f, "abcdefgh", 8);
	struct err e = { 0 };
	char got[8];

	for (size_t i = 0; i < COUNT(reads); i++) {
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(package_read(p, reads[i][k].offset, got,
						      reads[i][k].size, &e),
					 0);
		assert_int_equal(package_intact(p), i == 0);
	}
	package_close(p);

	/* enough bytes, and the same ones, but the last two were never read */
	p = open_bytes(f, "aaaaaaaa", 8);
	assert_int_equal(package_read(p, 0, got, 4, &e), 0);
	assert_int_equal(package_read(p, 2, got, 4, &e), 0);
	assert_false(package_intact(p));
	package_close(p);
}

static void a_package_changed_while_it_is_sent_is_caught(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };
	struct package *p = open_bytes(f, "abcdefgh", 8);
	char got[8];
	int fd;

	assert_int_equal(package_read(p, 0, got, 4, &e), 0);
	fd = open(f->path, O_WRONLY);
	assert_int_equal(pwrite(fd, "X", 1, 6), 1);
	close(fd);
	assert_int_equal(package_read(p, 4, got, 4, &e), 0);
	assert_false(package_intact(p));

	assert_int_equal(truncate(f->path, 6), 0);
	assert_int_equal(package_read(p, 0, got, 4, &e), 0);
	assert_int_equal(package_read(p, 4, got, 4, &e), -1);
	assert_int_equal(e.code, ERR_PACKAGE);
	assert_contains(err_read(&e), "changed while it was being sent");
	package_close(p);
}

/* Replacing the file by rename leaves the one that was checked. */
static void a_replaced_package_is_still_the_one_that_was_checked(void **state)
{
	struct fixture *f = *state;
	struct package *p = open_bytes(f, "abcdefgh", 8);
	struct err e = { 0 };
	char got[8];

	assert_int_equal(unlink(f->path), 0);
	write_file(f->path, "ABCDEFGH", 8);
	assert_int_equal(package_read(p, 0, got, 8, &e), 0);
	assert_true(package_intact(p));
	package_close(p);
}

#define GOOD_MODEL "model = UG96\n"
#define GOOD_FROM "from = UG96LNAR02A06E1G\n"
#define GOOD_TO "to = UG96LNAR02A08E1G\n"
#define GOOD_SIZE "size = 3\n"
#define GOOD_SHA "sha256 = " SHA_ABC "\n"
#define GOOD_START GOOD_MODEL GOOD_FROM GOOD_TO
#define GOOD GOOD_START GOOD_SIZE GOOD_SHA

static void assert_good(const struct manifest *m)
{
	assert_string_equal(m->model, "UG96");
	assert_string_equal(m->from, "UG96LNAR02A06E1G");
	assert_string_equal(m->to, "UG96LNAR02A08E1G");
	assert_int_equal(m->size, 3);
	assert_string_equal(m->sha256, SHA_ABC);
}

static void a_manifest_may_be_written_in_many_ways(void **state)
{
	static const char *const texts[] = {
		GOOD,
		GOOD_SHA GOOD_SIZE GOOD_TO GOOD_FROM GOOD_MODEL,
		"\xef\xbb\xbf" GOOD,	/* BOM */
		"model = UG96\r\nfrom = UG96LNAR02A06E1G\r\nto = UG96LNAR02A08E1G\r\nsize = 3\r\nsha256 = " SHA_ABC "\r\n",
		"# made by hand\n\n; and another note\n" GOOD "\n\n",
		"model=UG96\n\tfrom  =   UG96LNAR02A06E1G   \n  to = UG96LNAR02A08E1G\t\nsize= 3 ; bytes\n" GOOD_SHA,
		GOOD_START GOOD_SIZE "sha256 = BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD\n",
		GOOD_START GOOD_SIZE "sha256 = " SHA_ABC,	/* no line end */
		GOOD_START "size = 0003\n" GOOD_SHA,
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct manifest m;
		struct err e = { 0 };

		write_file(f->manifest, texts[i], strlen(texts[i]));
		if (manifest_read(f->manifest, &m, &e) < 0)
			fail_msg("row %zu: %s", i, err_read(&e));
		assert_good(&m);
	}
}

static void every_mistake_in_a_manifest_is_named_with_its_line(void **state)
{
	static const struct {
		const char *text;
		const char *words;
	} rows[] = {
		{ "", ": \"model\" is missing" },
		{ GOOD_FROM GOOD_TO GOOD_SIZE GOOD_SHA, ": \"model\" is missing" },
		{ GOOD_MODEL GOOD_TO GOOD_SIZE GOOD_SHA, ": \"from\" is missing" },
		{ GOOD_MODEL GOOD_FROM GOOD_SIZE GOOD_SHA, ": \"to\" is missing" },
		{ GOOD_START GOOD_SHA, ": \"size\" is missing" },
		{ GOOD_START GOOD_SIZE, ": \"sha256\" is missing" },
		{ GOOD "modle = UG96\n", ", line 6: unknown key \"modle\"" },
		{ "Model = UG96\n", ", line 1: unknown key \"Model\"" },
		{ GOOD "to = UG96LNAR02A08E1G\n", ", line 6: \"to\" already stands in line 3" },
		{ "\n\n" GOOD_MODEL GOOD_MODEL, ", line 4: \"model\" already stands in line 3" },
		{ GOOD_MODEL "  " GOOD_MODEL, ", line 2: \"model\" already stands in line 1" },
		{ GOOD_MODEL "from\n" GOOD_TO, ", line 2: not `key = value`" },
		{ "nonsense\nmodle = x\n", ", line 1: not `key = value`" },
		{ "modle = x\nnonsense\n", ", line 1: unknown key" },
		{ "[package]\n" GOOD, ", line 2: a manifest has no [sections]" },
		{ "model =\n", ", line 1: model \"\" is not the name of a model" },
		{ "model = UG 96\n", ", line 1: model \"UG 96\" is not" },
		{ "model = UG96UG96UG96UG96UG96UG96\n", ", line 1: model" },
		{ "from = a\"b\n", ", line 1: from \"a\"b\" is not a version" },
		{ "from = UG96\xc3\xa4\n", ", line 1: from" },
		{ GOOD_START "size = 0\n", ", line 4: size \"0\" is not a number of bytes" },
		{ GOOD_START "size = -3\n", ", line 4: size" },
		{ GOOD_START "size = 3.0\n", ", line 4: size" },
		{ GOOD_START "size = 0x3\n", ", line 4: size" },
		{ GOOD_START "size = 307,200\n", ", line 4: size" },
		{ GOOD_START "size =\n", ", line 4: size" },
		{ GOOD_START "size = 18446744073709551616\n", ", line 4: size" },
		{ GOOD_START GOOD_SIZE "sha256 = abc\n", ", line 5: sha256 \"abc\" is not 64 hex" },
		{ GOOD_START GOOD_SIZE "sha256 = " SHA_ABC "0\n", ", line 5: sha256" },
		{ GOOD_START GOOD_SIZE "sha256 =\n", ", line 5: sha256" },
		{ GOOD_START GOOD_SIZE "sha256 = ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n", ", line 5: sha256" },
		{ GOOD_MODEL "from = \x1b[2J\n", ", line 2: control byte 0x1b" },
		{ "model = UG96\rfrom = x\r", ", line 1: control byte 0x0d" },
		{ "from = a\nto = a\nmodel = UG96\n" GOOD_SIZE GOOD_SHA, ": from and to are the same version, a" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct manifest m;
		struct err e = { 0 };

		write_file(f->manifest, rows[i].text, strlen(rows[i].text));
		if (manifest_read(f->manifest, &m, &e) == 0)
			fail_msg("accepted: %s", rows[i].text);
		assert_int_equal(e.code, ERR_PACKAGE);
		assert_contains(err_read(&e), f->manifest);
		assert_contains(err_read(&e), rows[i].words);
	}
}

static void a_file_of_the_wrong_kind_is_no_manifest(void **state)
{
	static const char utf16[] = "\xff\xfem\0o\0d\0e\0l\0";
	struct fixture *f = *state;
	struct manifest m;
	struct err e = { 0 };
	size_t size = 1 << 20;
	char *bytes = malloc(size);

	assert_non_null(bytes);
	memset(bytes, 'a', size);	/* one line of 1 MiB */
	memcpy(bytes, "model = UG96\n", 13);
	write_file(f->manifest, bytes, size);
	assert_int_equal(manifest_read(f->manifest, &m, &e), -1);
	assert_contains(err_read(&e), ", line 2: too long");

	memset(bytes, '\n', size);
	write_file(f->manifest, bytes, size);
	assert_int_equal(manifest_read(f->manifest, &m, &e), -1);
	assert_contains(err_read(&e), "too long for a manifest");
	free(bytes);

	write_file(f->manifest, utf16, sizeof(utf16));
	assert_int_equal(manifest_read(f->manifest, &m, &e), -1);
	assert_contains(err_read(&e), ", line 1: control byte 0x00");

	assert_int_equal(unlink(f->manifest), 0);
	assert_int_equal(manifest_read(f->manifest, &m, &e), -1);
	assert_int_equal(e.detail, ENOENT);	/* a caller may go on without one */
	assert_int_equal(mkfifo(f->manifest, 0600), 0);
	assert_int_equal(manifest_read(f->manifest, &m, &e), -1);
	assert_contains(err_read(&e), "a FIFO");
}

static void good_manifest(struct manifest *m)
{
	*m = (struct manifest){ .model = "UG96",
				.from = "UG96LNAR02A06E1G",
				.to = "UG96LNAR02A08E1G",
				.size = 3,
				.sha256 = SHA_ABC };
}

static void a_written_manifest_reads_back(void **state)
{
	struct fixture *f = *state;
	struct manifest m, back;
	struct err e = { 0 };
	struct stat st;
	mode_t mask = umask(077);

	good_manifest(&m);
	m.sha256[0] = 'B';
	if (manifest_write(f->manifest, &m, &e) < 0)
		fail_msg("%s", err_read(&e));
	umask(mask);
	assert_int_equal(manifest_read(f->manifest, &back, &e), 0);
	assert_good(&back);
	assert_int_equal(stat(f->manifest, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);

	m.size = UINT64_MAX;
	assert_int_equal(manifest_write(f->manifest, &m, &e), 0);
	assert_int_equal(manifest_read(f->manifest, &back, &e), 0);
	assert_true(back.size == UINT64_MAX);
}

static void what_could_not_be_read_back_is_not_written(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 7; i++) {
		struct manifest m;
		struct err e = { 0 };

		good_manifest(&m);
		switch (i) {
		case 0: strcpy(m.model, "UG\n96"); break;
		case 1: strcpy(m.from, ""); break;
		case 2: strcpy(m.to, "a b"); break;
		case 3: strcpy(m.sha256, "12"); break;
		case 4: m.size = 0; break;
		case 5: strcpy(m.to, m.from); break;
		case 6: strcpy(m.to, "x;y"); break;
		}
		assert_int_equal(manifest_write(f->manifest, &m, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		assert_contains(err_read(&e), f->manifest);
		assert_int_equal(access(f->manifest, F_OK), -1);
	}
}

static void a_failed_write_leaves_the_old_manifest(void **state)
{
	struct fixture *f = *state;
	struct manifest m;
	struct err e = { 0 };

	good_manifest(&m);
	assert_int_equal(mkdir(f->path, 0700), 0);	/* rename() cannot replace it */
	assert_int_equal(manifest_write(f->path, &m, &e), -1);
	assert_int_equal(e.code, ERR_PACKAGE);
	assert_contains(err_read(&e), f->path);	/* teardown sees that no temporary file stays */
	assert_int_equal(manifest_write("/nonexistent/x.manifest", &m, &e), -1);
	assert_contains(err_read(&e), "No such file");
}

static void the_manifest_of_a_package_lies_beside_it(void **state)
{
	char out[24];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(manifest_path(out, sizeof(out), "a/delta.bin", &e), 0);
	assert_string_equal(out, "a/delta.bin.manifest");
	assert_int_equal(manifest_path(out, sizeof(out), "abc/delta.binxx", &e), -1);
	assert_int_equal(e.code, ERR_PACKAGE);
}

static void a_manifest_of_another_package_is_refused(void **state)
{
	struct fixture *f = *state;
	struct package *p = open_bytes(f, "abc", 3);
	struct manifest m;
	struct err e = { 0 };

	good_manifest(&m);
	assert_int_equal(package_check_manifest(p, &m, &e), 0);
	m.size = 307200;
	assert_int_equal(package_check_manifest(p, &m, &e), -1);
	assert_int_equal(e.code, ERR_PACKAGE);
	assert_contains(err_read(&e), "has 3 bytes, its manifest says 307,200");
	m.size = 3;
	strcpy(m.sha256, SHA_EMPTY_HEX);
	assert_int_equal(package_check_manifest(p, &m, &e), -1);
	assert_contains(err_read(&e), SHA_ABC);
	assert_contains(err_read(&e), SHA_EMPTY_HEX);
	package_close(p);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(digest_and_size_are_those_of_the_file),
		TEST(what_is_no_package_is_refused_by_size_or_type),
		TEST(an_unreadable_package_is_refused),
		TEST(one_byte_and_the_limit_itself_are_opened),
		TEST(a_link_to_a_package_is_followed),
		TEST(escapes_are_counted_at_every_offset),
		TEST(no_write_ends_in_or_beside_an_escape),
		TEST(a_package_is_sent_whole_in_blocks_whatever_is_in_it),
		TEST(the_end_of_the_package_is_always_allowed),
		TEST(reading_in_order_proves_the_package_intact),
		TEST(reading_out_of_order_proves_nothing),
		TEST(a_package_changed_while_it_is_sent_is_caught),
		TEST(a_replaced_package_is_still_the_one_that_was_checked),
		TEST(a_manifest_may_be_written_in_many_ways),
		TEST(every_mistake_in_a_manifest_is_named_with_its_line),
		TEST(a_file_of_the_wrong_kind_is_no_manifest),
		TEST(a_written_manifest_reads_back),
		TEST(what_could_not_be_read_back_is_not_written),
		TEST(a_failed_write_leaves_the_old_manifest),
		TEST(the_manifest_of_a_package_lies_beside_it),
		TEST(a_manifest_of_another_package_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
