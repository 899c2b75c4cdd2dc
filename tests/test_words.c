#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "event.h"
#include "words.h"

#define SOURCE_SIZE (256 * 1024)

static char *read_file(const char *path)
{
	char *text = calloc(1, SOURCE_SIZE);
	FILE *f = fopen(path, "re");

	assert_non_null(text);
	if (!f)
		fail_msg("%s: %s", path, strerror(errno));
	assert_true(fread(text, 1, SOURCE_SIZE - 1, f) < SOURCE_SIZE - 1);
	fclose(f);
	return text;
}

/* An option that is left: "--" and a letter. */
static const char *find_option(const char *text)
{
	while ((text = strstr(text, "--")) && !(text[2] >= 'a' && text[2] <= 'z'))
		text += 2;
	return text;
}

/* What only the command line says. */
static bool is_of_command_line(const char *name)
{
	static const char *const names[] = { "main.c", "options.c", "cli.c", "credentials.c", "recorded.c", "demo.c" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Every string of C at TEXT. Returns how many named an option. */
static unsigned check_strings(const char *name, char *text)
{
	char *begin, words[TEXT_SIZE * 2];
	unsigned count = 0;

	while ((begin = strchr(text, '"'))) {
		for (text = ++begin; *text && *text != '"'; text++)
			if (*text == '\\' && text[1])
				text++;
		if (!*text)
			break;
		*text++ = '\0';
		if (!find_option(begin))
			continue;
		count++;
		if (find_option(words_on_screen(words, sizeof(words), begin)))
			fail_msg("%s: on the screen this still names an option: %s", name, words);
	}
	return count;
}

static void no_message_names_an_option_on_the_screen(void **state)
{
	const char *srcdir = getenv("srcdir");
	char path[512], *text, *line, *rest;
	unsigned count = 0;
	struct dirent *d;
	DIR *dir;

	(void)state;
	snprintf(path, sizeof(path), "%s/src", srcdir ? srcdir : ".");
	dir = opendir(path);
	assert_non_null(dir);
	while ((d = readdir(dir))) {
		size_t size = strlen(d->d_name);

		if (size < 3 || strcmp(d->d_name + size - 2, ".c") || is_of_command_line(d->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/src/%s", srcdir ? srcdir : ".", d->d_name);
		text = read_file(path);
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			count += check_strings(d->d_name, line);
		free(text);
	}
	closedir(dir);
	assert_true(count >= 10);	/* it did find them */
}

static void advice_names_what_is_on_the_screen(void **state)
{
	static const struct {
		const char *said, *screen;
	} rows[] = {
		{ "name it with --target VERSION, or give its manifest with --manifest FILE",
		  "name it in the field Target of pane 2, or give its manifest in the field Manifest" },
		{ "or send the file over the wire with --file.", "or send the file over the wire as a local file (Source in pane 2)." },
		{ "Then watch on with: dfota resume /home/x y/r.jsonl", "Then watch on with the key O" },
		{ "Ask it again with: dfota probe -p /dev/ttyACM3", "Ask it again with Enter on its port in pane 1" },
		{ "Watch on with dfota resume; give it more time with --watch-timeout.",
		  "Watch on with the key O; give it more time with the option watch-timeout." },
		{ "or send it over the wire (--relay).", "or send it over the wire (Deliver: by wire, in pane 2)." },
		{ "Start again. --supply-min sets another limit.", "Start again. The option supply-min sets another limit." },
		{ "opening a--b.bin: -- no", "opening a--b.bin: -- no" },
		{ "watch it to its end first, with dfota resume /r.jsonl", "watch it to its end first, with the key O" },
		{ "is watched on with `dfota resume`.", "is watched on with the key O." },
		{ "See `dfota help`.", "Correct what it names; the key ? lists the keys." },
		{ "nothing of it", "nothing of it" },
		{ "", "" },
	};
	char words[TEXT_SIZE], cut[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(words_on_screen(words, sizeof(words), rows[i].said), rows[i].screen);
	assert_string_equal(words_on_screen(cut, sizeof(cut), "with --target VERSION"), "in the ");
	assert_string_equal(words_on_screen(cut, sizeof(cut), "1234567890"), "1234567");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_message_names_an_option_on_the_screen),
		cmocka_unit_test(advice_names_what_is_on_the_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
