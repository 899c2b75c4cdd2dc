/* What stands in the way of ports, besides the ports. */
#include "config.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_program_is_found_by_the_name_the_kernel_gives_it, make_tree, remove_tree),
		cmocka_unit_test_setup_teardown(lock_files_of_the_dead_are_named, make_tree, remove_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
