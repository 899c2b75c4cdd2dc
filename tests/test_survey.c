/* What stands in the way of ports, besides the ports. */
#include "config.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/count.h"
#include "modem/survey.h"

struct tree {
	char top[64], lock[80], proc[80];
	struct port_roots roots;
};

static void put(const char *directory, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void process(struct tree *t, const char *pid, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", t->proc, pid);
	assert_int_equal(mkdir(path, 0700), 0);
	put(path, "comm", name);
}

static int make_tree(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	strcpy(t->top, "/tmp/dfota-survey-XXXXXX");
	assert_non_null(mkdtemp(t->top));
	snprintf(t->lock, sizeof(t->lock), "%s/lock", t->top);
	snprintf(t->proc, sizeof(t->proc), "%s/proc", t->top);
	mkdir(t->lock, 0700);
	mkdir(t->proc, 0700);
	t->roots = (struct port_roots){.lock = t->lock, .proc = t->proc};
	*state = t;
	return 0;
}

static int remove_tree(void **state)
{
	struct tree *t = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", t->top);
	assert_int_equal(system(command), 0);
	free(t);
	return 0;
}

static void a_program_is_found_by_the_name_the_kernel_gives_it(void **state)
{
	struct tree *t = *state;

	process(t, "812", "brltty\n");
	process(t, "640", "brltty\n");
	process(t, "7", "brltty-udev\n");
	process(t, "9", "\n");
	put(t->proc, "12", "no directory");
	assert_int_equal(survey_process(&t->roots, "brltty"), 640);
	assert_int_equal(survey_process(&t->roots, "ModemManager"), 0);
	t->roots.proc = "/nowhere";
	assert_int_equal(survey_process(&t->roots, "brltty"), 0);
}

static void lock_files_of_the_dead_are_named(void **state)
{
	struct tree *t = *state;
	struct message found[4];
	char text[32], path[256];

	snprintf(text, sizeof(text), "%10ld\n", (long)getpid());
	put(t->lock, "LCK..ttyUSB0", text);
	put(t->lock, "other", "         1\n");
	assert_int_equal(survey_locks(&t->roots, found, COUNT(found)), 0);
	put(t->lock, "LCK..ttyUSB1", "2147483646\n");
	assert_int_equal(survey_locks(&t->roots, found, COUNT(found)), 1);
	assert_string_equal(message_text_of(&found[0], "pid"), "2147483646");
	put(t->lock, "LCK..ttyUSB2", "\033[2J nobody");
	snprintf(path, sizeof(path), "%s/LCK..ttyUSB3", t->lock);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(survey_locks(&t->roots, found, COUNT(found)), 2);
	assert_int_equal(survey_locks(&t->roots, found, 1), 1);
	assert_true(survey_lock_directory(&t->roots, path, sizeof(path)));
	assert_string_equal(path, t->lock);
	t->roots.lock = "/nowhere";
	assert_int_equal(survey_locks(&t->roots, found, COUNT(found)), 0);
	assert_false(survey_lock_directory(&t->roots, path, sizeof(path)));
}

static void point(const char *directory, const char *name, const char *target)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	assert_int_equal(symlink(target, path), 0);
}

/* The lock file NAME of process PID, made long ago. */
static void old_lock(struct tree *t, const char *name, long pid)
{
	const struct timespec long_ago[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	char text[32], path[256];

	snprintf(text, sizeof(text), "%10ld\n", pid);
	put(t->lock, name, text);
	snprintf(path, sizeof(path), "%s/%s", t->lock, name);
	assert_int_equal(utimensat(AT_FDCWD, path, long_ago, 0), 0);
}

/* As the opening of the port sees it: the process lives, and has it open or not. */
static void lock_files_whose_process_does_not_have_the_port_are_named(void **state)
{
	struct tree *t = *state;
	long pid = (long)getppid();
	char name[128], path[256], device[128];
	struct message found[4];
	time_t made;
	size_t count;

	snprintf(device, sizeof(device), "%s/dev", t->top);
	mkdir(device, 0700);
	snprintf(path, sizeof(path), "%s/pts", device);
	mkdir(path, 0700);
	point(device, "pts/7", "/dev/zero");
	point(device, "ttyUSB0", "/dev/null");
	point(device, "tty_of_mine", "/dev/null");
	t->roots.dev = device;
	snprintf(name, sizeof(name), "%ld", pid);
	process(t, name, "getty\n");
	old_lock(t, "LCK..ttyUSB9", pid);	/* not there: it may wait for it */
	old_lock(t, "LCK..ttyUSB0", (long)getpid());
	assert_int_equal(survey_locks(&t->roots, found, COUNT(found)), 0);
	old_lock(t, "LCK..ttyUSB0", pid);	/* what it has open can't be seen */
	assert_int_equal(survey_locks(&t->roots, found, COUNT(found)), 0);
	snprintf(path, sizeof(path), "%s/%s/fd", t->proc, name);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(survey_locks(&t->roots, found, COUNT(found)), 1);
	assert_int_equal(found[0].id, MSG_LOCK_FILE_UNTRUE);
	assert_string_equal(message_text_of(&found[0], "program"), "getty");
	old_lock(t, "LCK..pts_7", pid);
	old_lock(t, "LCK..tty_of_mine", pid);
	assert_int_equal(survey_locks(&t->roots, found, COUNT(found)), 3);
	snprintf(name, sizeof(name), "%10ld\n", pid);
	made = time(NULL);
	put(t->lock, "LCK..ttyUSB0", name);	/* just made: it may be about to open it */
	count = survey_locks(&t->roots, found, COUNT(found));
	if (time(NULL) - made <= 1)	/* it has no more than that */
		assert_int_equal(count, 2);
	old_lock(t, "LCK..ttyUSB0", (long)getpid());
	point(path, "3", "/dev/zero");
	assert_int_equal(survey_locks(&t->roots, found, COUNT(found)), 1);
	assert_non_null(strstr(message_text_of(&found[0], "path"), "LCK..tty_of_mine"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_program_is_found_by_the_name_the_kernel_gives_it, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(lock_files_of_the_dead_are_named, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(lock_files_whose_process_does_not_have_the_port_are_named, make_tree,
						remove_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
