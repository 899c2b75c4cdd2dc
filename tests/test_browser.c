/*
 * The list of files and the recent packages, on a directory of the test's own.
 */
#include "config.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/count.h"
#include "ui/model/browser.h"
#include "ui/model/memory.h"
#include "ui/model/recent.h"

/* -- a directory to look at -- */

struct place {
	char root[64];
	char home[FILE_SIZE];	/* where the test stood before */
};

static char *in_place(const struct place *p, const char *name)
{
	static char path[4][FILE_SIZE];
	static unsigned next;

	next = (next + 1) % 4;
	snprintf(path[next], FILE_SIZE, "%s/%s", p->root, name);
	return path[next];
}

static void make_file(const struct place *p, const char *name, off_t size)
{
	int fd = open(in_place(p, name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, size) < 0)
		fail_msg("%s can't be made", name);
	close(fd);
}

static void make_directory(const struct place *p, const char *name)
{
	assert_int_equal(mkdir(in_place(p, name), 0700), 0);
}

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->root, "/tmp/dfota-browser-XXXXXX");
	if (!mkdtemp(p->root) || !getcwd(p->home, sizeof(p->home)))
		return -1;
	setenv("XDG_STATE_HOME", in_place(p, "state"), 1);
	*state = p;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

static int tear_down(void **state)
{
	struct place *p = *state;
	int r = chdir(p->home);

	chmod(in_place(p, "closed"), 0700);
	nftw(p->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return r;
}

/* The names in the list, each with a sign for its kind. */
static char *listing(const struct browser *b)
{
	static const char signs[] = {
		[BROWSER_RECENT] = '~', [BROWSER_UP] = '^', [BROWSER_DIRECTORY] = '/', [BROWSER_FILE] = ' ',
	};
	static char text[4096];
	size_t i, n = 0;

	text[0] = '\0';
	for (i = 0; i < b->count && n < sizeof(text) - FILE_SIZE; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%c%s%s;", signs[b->entries[i].kind],
				      b->entries[i].name, b->entries[i].manifest ? "+" : "");
	return text;
}

/* -- the list -- */

static void directories_come_first_then_files(void **state)
{
	const struct place *p = *state;
	struct browser b = { .count = 0 };

	make_file(p, "b.bin", 307200);
	make_file(p, "A.bin", 1);
	make_file(p, "b.bin.manifest", 9);
	make_file(p, "orphan.manifest", 9);
	make_file(p, ".hidden", 9);
	make_directory(p, "zz");
	make_directory(p, "Bb");
	make_directory(p, "A.bin.manifest");	/* no manifest */
	assert_int_equal(mkfifo(in_place(p, "pipe"), 0600), 0);
	assert_int_equal(symlink("nowhere", in_place(p, "broken")), 0);
	assert_int_equal(symlink("zz", in_place(p, "link")), 0);
	browser_begin(&b, in_place(p, "b.bin"));
	assert_string_equal(b.directory, p->root);
	assert_string_equal(listing(&b), "^..;/A.bin.manifest;/Bb;/link;/zz; A.bin; b.bin+; orphan.manifest;");
	assert_string_equal(b.entries[b.cursor].name, "b.bin");
	assert_int_equal(b.entries[b.cursor].size, 307200);
	assert_true(b.entries[b.cursor].there);
	assert_string_equal(b.problem, "");
	browser_end(&b);
}

static void a_file_is_chosen_and_a_directory_entered_and_left(void **state)
{
	const struct place *p = *state;
	struct browser b = { .count = 0 };
	char path[FILE_SIZE];

	make_directory(p, "a");
	make_directory(p, "sub");
	make_file(p, "sub/x.bin", 5);
	browser_begin(&b, in_place(p, "gone.bin"));
	browser_move(&b, 1);
	assert_false(browser_open(&b, path));
	assert_string_equal(b.directory, in_place(p, "sub"));
	assert_string_equal(b.entries[b.cursor].name, "x.bin");
	assert_true(browser_open(&b, path));
	assert_string_equal(path, in_place(p, "sub/x.bin"));
	browser_up(&b);
	assert_string_equal(b.entries[b.cursor].name, "sub");	/* where it came from */
	browser_move(&b, -100);
	assert_false(browser_open(&b, path));	/* .. */
	assert_string_equal(b.directory, "/tmp");
	browser_up(&b);
	browser_up(&b);
	browser_up(&b);
	assert_string_equal(b.directory, "/");
	assert_int_not_equal(b.entries[0].kind, BROWSER_UP);
	assert_int_equal(b.entries[b.cursor].kind, BROWSER_DIRECTORY);
	assert_string_equal(b.entries[b.cursor].name, "tmp");
	assert_false(browser_open(&b, path));
	assert_string_equal(b.directory, "/tmp");
	browser_end(&b);
}

static void the_cursor_stops_at_the_ends(void **state)
{
	const struct place *p = *state;
	struct browser b = { .count = 0 };

	make_file(p, "a", 1);
	make_file(p, "b", 1);
	browser_begin(&b, in_place(p, "a"));
	browser_move(&b, -9);
	assert_int_equal(b.cursor, 0);
	browser_move(&b, 1);
	assert_int_equal(b.cursor, 1);
	browser_move(&b, 99);
	assert_int_equal(b.cursor, 2);
	browser_end(&b);
}

static void a_huge_directory_is_cut_and_says_so(void **state)
{
	const struct place *p = *state;
	struct browser b = { .count = 0 };
	char name[32];
	int i;

	make_directory(p, "zdir");
	for (i = 0; i < BROWSER_ENTRIES + 10; i++) {
		snprintf(name, sizeof(name), "%05d.bin", i);
		make_file(p, name, 0);
	}
	browser_begin(&b, in_place(p, "x"));
	assert_int_equal(b.count, 1 + BROWSER_ENTRIES);
	assert_int_equal(b.left_out, 11);
	assert_false(b.more);
	assert_string_equal(b.entries[1].name, "zdir");	/* the first of the order stay */
	assert_string_equal(b.entries[2].name, "00000.bin");
	assert_string_equal(b.entries[b.count - 1].name, "01998.bin");
	browser_up(&b);
	assert_int_equal(b.left_out, 0);
	browser_end(&b);
}

static void a_directory_that_cannot_be_read_is_told_and_can_be_left(void **state)
{
	const struct place *p = *state;
	struct browser b = { .count = 0 };
	char path[FILE_SIZE];

	make_directory(p, "closed");
	browser_begin(&b, in_place(p, "x"));
	assert_string_equal(b.entries[b.cursor].name, "closed");
	if (geteuid() == 0)	/* root may read all: let it vanish instead */
		rmdir(in_place(p, "closed"));
	else
		chmod(in_place(p, "closed"), 0);
	assert_false(browser_open(&b, path));
	assert_non_null(strstr(b.problem, "can't be read"));
	assert_string_equal(listing(&b), "^..;");
	browser_up(&b);
	assert_string_equal(b.directory, p->root);
	assert_string_equal(b.problem, "");
	browser_end(&b);
}

static void a_path_that_is_too_long_is_refused(void **state)
{
	const struct place *p = *state;
	struct browser b = { .count = 0 };
	char name[201], path[FILE_SIZE];
	int depth;

	memset(name, 'd', 200);
	name[200] = '\0';
	assert_int_equal(chdir(p->root), 0);
	for (depth = 0; depth < 3; depth++) {
		assert_int_equal(mkdir(name, 0700), 0);
		assert_int_equal(chdir(name), 0);
	}
	browser_begin(&b, in_place(p, "x"));
	for (depth = 0; depth < 3; depth++)
		assert_false(browser_open(&b, path));
	assert_non_null(strstr(b.problem, "longer than 511 bytes"));
	assert_int_equal(strlen(b.directory), strlen(p->root) + 2 * 201);
	browser_end(&b);
	/* too deep to begin there */
	browser_begin(&b, "x");
	assert_string_equal(b.directory, "/");
	browser_end(&b);
}

static void names_of_any_bytes_are_kept_as_they_are(void **state)
{
	const struct place *p = *state;
	struct browser b = { .count = 0 };
	char path[FILE_SIZE];

	make_file(p, "evil\033[2J\xff\nname", 3);
	browser_begin(&b, in_place(p, "x"));
	assert_true(browser_open(&b, path));
	assert_string_equal(path, in_place(p, "evil\033[2J\xff\nname"));
	browser_end(&b);
}

/* -- recent packages -- */

static void recent_packages_are_newest_first_and_at_most_eight(void **state)
{
	const struct place *p = *state;
	struct recent r;
	struct stat st;
	char name[16];
	int i;

	recent_load(&r);
	assert_int_equal(r.count, 0);
	for (i = 0; i < RECENT_COUNT + 3; i++) {
		snprintf(name, sizeof(name), "%d.bin", i);
		make_file(p, name, 1);
		recent_add(in_place(p, name));
	}
	recent_add(in_place(p, "5.bin"));
	recent_load(&r);
	assert_int_equal(r.count, RECENT_COUNT);
	assert_string_equal(r.paths[0], in_place(p, "5.bin"));
	assert_string_equal(r.paths[1], in_place(p, "10.bin"));
	assert_string_equal(r.paths[RECENT_COUNT - 1], in_place(p, "3.bin"));
	assert_int_equal(stat(in_place(p, "state/dfota/recent"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(in_place(p, "state/dfota"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void what_is_no_file_is_not_remembered(void **state)
{
	const struct place *p = *state;
	struct recent r;

	make_file(p, "line\nend", 1);
	make_directory(p, "d");
	recent_add(in_place(p, "gone"));
	recent_add(in_place(p, "d"));
	recent_add(in_place(p, "line\nend"));
	recent_add("");
	recent_load(&r);
	assert_int_equal(r.count, 0);
	assert_int_equal(chdir(p->root), 0);
	make_file(p, "here.bin", 1);
	recent_add("here.bin");
	recent_load(&r);
	assert_int_equal(r.count, 1);
	assert_string_equal(r.paths[0], in_place(p, "here.bin"));
}

static void a_damaged_memory_is_read_as_far_as_it_goes(void **state)
{
	static const char content[] =
		"relative\n\n/a.bin\n/nul\0byte\n/a.bin\n/\xff\033x\n/half-a-pa";
	const struct place *p = *state;
	struct recent r;
	char *line = calloc(1, FILE_SIZE + 2);
	FILE *f;

	make_directory(p, "state");
	make_directory(p, "state/dfota");
	f = fopen(in_place(p, "state/dfota/recent"), "w");
	assert_non_null(f);
	memset(line, 'x', FILE_SIZE);
	line[0] = '/';
	fprintf(f, "%s\n", line);
	fwrite(content, 1, sizeof(content) - 1, f);
	fclose(f);
	free(line);
	recent_load(&r);
	assert_int_equal(r.count, 2);
	assert_string_equal(r.paths[0], "/a.bin");
	assert_string_equal(r.paths[1], "/\xff\033x");
}

static void a_memory_that_is_no_file_is_no_error(void **state)
{
	const struct place *p = *state;
	struct recent r;

	make_file(p, "x.bin", 1);
	make_directory(p, "state");
	make_directory(p, "state/dfota");
	assert_int_equal(mkfifo(in_place(p, "state/dfota/recent"), 0600), 0);
	recent_load(&r);	/* does not wait for a writer */
	assert_int_equal(r.count, 0);
	recent_add(in_place(p, "x.bin"));
	recent_load(&r);
	assert_int_equal(r.count, 1);
	setenv("XDG_STATE_HOME", in_place(p, "x.bin"), 1);	/* can't be made */
	recent_add(in_place(p, "x.bin"));
	recent_load(&r);
	assert_int_equal(r.count, 0);
}

static void the_state_is_kept_below_home_otherwise(void **state)
{
	const struct place *p = *state;
	struct stat st;

	make_file(p, "x.bin", 1);
	setenv("XDG_STATE_HOME", "relative", 1);
	setenv("HOME", p->root, 1);
	recent_add(in_place(p, "x.bin"));
	assert_int_equal(stat(in_place(p, ".local/state/dfota/recent"), &st), 0);
}

/* Up goes through H: the newest first. */
static void assert_history(const struct history *h, const char *first, const char *second)
{
	assert_true(h->count >= 2);
	assert_string_equal(h->items[h->count - 1], first);
	assert_string_equal(h->items[h->count - 2], second);
}

static void what_was_typed_is_remembered_newest_first_and_by_module(void **state)
{
	struct history h[HISTORY_KINDS] = { 0 };
	unsigned kind;
	char name[16];
	int i;

	(void)state;
	memory_add(HISTORY_URL, "UG95", "http://h/95.bin");
	memory_add(HISTORY_URL, "UG96", "http://h/96.bin");
	memory_add(HISTORY_AT, "", "AT+CSQ");
	memory_add(HISTORY_AT, "", "ATI");
	memory_add(HISTORY_USER, "", "field");
	memory_add(HISTORY_PORT, "", "/dev/ttyACM3");
	memory_recall(h, "");
	assert_history(&h[HISTORY_URL], "http://h/96.bin", "http://h/95.bin");
	assert_history(&h[HISTORY_AT], "ATI", "AT+CSQ");
	assert_string_equal(h[HISTORY_PORT].items[0], "/dev/ttyACM3");
	assert_string_equal(h[HISTORY_USER].items[0], "field");
	history_add(&h[HISTORY_TARGET], "typed in this run");
	memory_recall(h, "UG95");	/* its own first */
	assert_history(&h[HISTORY_URL], "http://h/95.bin", "http://h/96.bin");
	assert_string_equal(h[HISTORY_TARGET].items[0], "typed in this run");
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "target-%d", i);
		memory_add(HISTORY_TARGET, "", name);
	}
	memory_add(HISTORY_TARGET, "", "target-30");
	memory_recall(h, "");
	assert_int_equal(h[HISTORY_URL].count, 2);
	for (kind = 0; kind < HISTORY_KINDS; kind++)
		history_free(&h[kind]);
	memory_recall(h, "");
	assert_int_equal(h[HISTORY_TARGET].count, HISTORY_COUNT);
	assert_history(&h[HISTORY_TARGET], "target-30", "target-39");
	for (kind = 0; kind < HISTORY_KINDS; kind++)
		history_free(&h[kind]);
}

/* The number of a node is of the order in which modules were plugged in. */
static void a_port_is_remembered_by_its_module(void **state)
{
	const struct place *p = *state;
	static const struct { const char *link, *node; } links[] = {
		{ "usb-Quectel_UG96_1-if03", "ttyACM3" }, { "usb-Quectel_UG96_2-if03", "ttyACM8" },
		{ "usb-FTDI_A50285BI-if00", "ttyUSB0" }, { "usb-FTDI_A50285BI-again", "ttyUSB0" }, { "usb-gone-if00", "nothing" },
	};
	char folder[FIELD_SIZE], node[FIELD_SIZE], link[FIELD_SIZE], out[FIELD_SIZE], wanted[FIELD_SIZE];

	make_directory(p, "by-id");
	snprintf(folder, sizeof(folder), "%s", in_place(p, "by-id"));
	for (size_t i = 0; i < COUNT(links); i++) {
		snprintf(node, sizeof(node), "../%s", links[i].node);
		if (strcmp(links[i].node, "nothing") != 0)
			make_file(p, links[i].node, 0);
		snprintf(link, sizeof(link), "by-id/%s", links[i].link);
		assert_int_equal(symlink(node, in_place(p, link)), 0);
	}
	for (size_t i = 0; i < 2; i++) {
		snprintf(node, sizeof(node), "%s", in_place(p, links[i].node));
		snprintf(wanted, sizeof(wanted), "%s/%s", folder, links[i].link);
		assert_string_equal(memory_port(folder, node, out), wanted);
		/* of what was remembered so the name stays */
		assert_string_equal(memory_port(folder, wanted, out), wanted);
	}
	snprintf(node, sizeof(node), "%s", in_place(p, "ttyUSB0"));	/* one of two: nobody knows which */
	assert_string_equal(memory_port(folder, node, out), node);
	assert_string_equal(memory_port(folder, "tcp:host:7000", out), "tcp:host:7000");
	assert_string_equal(memory_port("/nowhere", node, out), node);
}

static void no_secret_is_remembered(void **state)
{
	static const struct {
		enum history_kind kind;
		const char *text;
	} rows[] = {
		{ HISTORY_AT, "AT+QICSGP=1,1,\"apn\",\"user\",\"geheim\",1" },
		{ HISTORY_AT, "AT+CPIN=\"4711\"" },
		{ HISTORY_URL, "ftp://user:geheim@h/d.bin" },
		{ HISTORY_FILTER, "FOTA" },
		{ HISTORY_USER, "two\nlines" },
		{ HISTORY_TARGET, "a\ttab" },
		{ HISTORY_PORT, "" },
	};
	struct history h[HISTORY_KINDS] = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		memory_add(rows[i].kind, "", rows[i].text);
	memory_recall(h, "");
	for (i = 0; i < HISTORY_KINDS; i++)
		assert_int_equal(h[i].count, 0);
}

static void recent_packages_stand_on_top_of_the_list(void **state)
{
	const struct place *p = *state;
	struct browser b = { .count = 0 };
	char path[FILE_SIZE], want[2 * FILE_SIZE];

	make_directory(p, "sub");
	make_file(p, "sub/old.bin", 1);
	make_file(p, "sub/new.bin", 2);
	make_file(p, "sub/new.bin.manifest", 2);
	recent_add(in_place(p, "sub/old.bin"));
	recent_add(in_place(p, "sub/new.bin"));
	unlink(in_place(p, "sub/old.bin"));
	browser_begin(&b, "");
	assert_string_equal(b.directory, in_place(p, "sub"));
	snprintf(want, sizeof(want), "~%s/sub/new.bin+;~%s/sub/old.bin;^..; new.bin+;", p->root, p->root);
	assert_string_equal(listing(&b), want);
	assert_int_equal(b.cursor, 0);
	assert_true(b.entries[0].there);
	assert_int_equal(b.entries[0].size, 2);
	assert_false(b.entries[1].there);
	assert_true(browser_open(&b, path));
	assert_string_equal(path, in_place(p, "sub/new.bin"));
	browser_up(&b);
	assert_int_equal(b.entries[0].kind, BROWSER_RECENT);
	assert_string_equal(b.entries[b.cursor].name, "sub");
	browser_end(&b);
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		IN_PLACE(directories_come_first_then_files),
		IN_PLACE(a_file_is_chosen_and_a_directory_entered_and_left),
		IN_PLACE(the_cursor_stops_at_the_ends),
		IN_PLACE(a_huge_directory_is_cut_and_says_so),
		IN_PLACE(a_directory_that_cannot_be_read_is_told_and_can_be_left),
		IN_PLACE(a_path_that_is_too_long_is_refused),
		IN_PLACE(names_of_any_bytes_are_kept_as_they_are),
		IN_PLACE(recent_packages_are_newest_first_and_at_most_eight),
		IN_PLACE(what_is_no_file_is_not_remembered),
		IN_PLACE(a_damaged_memory_is_read_as_far_as_it_goes),
		IN_PLACE(a_memory_that_is_no_file_is_no_error),
		IN_PLACE(the_state_is_kept_below_home_otherwise),
		IN_PLACE(what_was_typed_is_remembered_newest_first_and_by_module),
		IN_PLACE(a_port_is_remembered_by_its_module),
		IN_PLACE(no_secret_is_remembered),
		IN_PLACE(recent_packages_stand_on_top_of_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
