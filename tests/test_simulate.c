#include "config.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/simulate/session.h"
#include "tests/simulate/shrink.h"

/* Some seconds; make simulate runs more. */
#define SEEDS 2000

static int begin(void **state)
{
	(void)state;
	session_begin();
	return 0;
}

static int end(void **state)
{
	(void)state;
	session_end();
	return 0;
}

static void read_world(struct world *w, const char *path)
{
	static char text[WORLD_TEXT_SIZE];
	char line[256];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	if (!world_parse(w, text, line, sizeof(line)))
		fail_msg("%s: %s", path, line);
}

/* Each went wrong once. */
static void every_world_of_the_tree_goes_right(void **state)
{
	const char *srcdir = getenv("srcdir");
	struct dirent **names;
	char dir[512], path[1024];
	int count, wrong = 0;

	(void)state;
	snprintf(dir, sizeof(dir), "%s/tests/simulate/worlds", srcdir ? srcdir : ".");
	count = scandir(dir, &names, NULL, alphasort);
	assert_true(count > 2);
	for (int i = 0; i < count; i++) {
		static struct report r;
		struct world w;

		if (names[i]->d_name[0] != '.') {
			snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
			read_world(&w, path);
			if (!session_run(&w, false, &r)) {
				print_error("%s: %s\n", names[i]->d_name, r.wrong);
				wrong++;
			}
		}
		free(names[i]);
	}
	free(names);
	assert_int_equal(wrong, 0);
}

/* What goes wrong is printed as a text that goes into the tree when it is cured. */
static void every_seed_goes_right(void **state)
{
	static char text[WORLD_TEXT_SIZE];
	static struct report r, last;
	int wrong = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world w;

		world_draw(&w, seed, NULL);
		if (session_run(&w, false, &r))
			continue;
		if (wrong++ == 0) {
			shrink(&w, &r, &last);
			print_error("seed %llu: %s\n%s", (unsigned long long)seed, r.wrong, world_print(&w, text, sizeof(text)));
		}
	}
	assert_int_equal(wrong, 0);
}

static void a_world_reads_back_as_it_was_printed(void **state)
{
	static char text[WORLD_TEXT_SIZE], again[WORLD_TEXT_SIZE];

	(void)state;
	for (uint64_t seed = 1; seed <= 100; seed++) {
		struct world w, back;
		char line[256];

		world_draw(&w, seed, NULL);
		assert_true(world_parse(&back, world_print(&w, text, sizeof(text)), line, sizeof(line)));
		assert_string_equal(world_print(&back, again, sizeof(again)), text);
	}
}

static void a_session_passes_twice_in_the_same_way(void **state)
{
	static struct report first, second;

	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct world w;

		world_draw(&w, seed, NULL);
		session_run(&w, false, &first);
		session_run(&w, false, &second);
		assert_true(first.hash == second.hash);
		assert_int_equal(first.seen.result.outcome, second.seen.result.outcome);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_world_of_the_tree_goes_right),
		cmocka_unit_test(every_seed_goes_right),
		cmocka_unit_test(a_world_reads_back_as_it_was_printed),
		cmocka_unit_test(a_session_passes_twice_in_the_same_way),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
