#include "config.h"

#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/event.h"
#include "ui/model/words.h"

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
	char pattern[512], *text, *line, *rest;
	unsigned count = 0;
	glob_t files;

	(void)state;
	snprintf(pattern, sizeof(pattern), "%s/src/*/*.c", srcdir ? srcdir : ".");
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		/* what only the command line says */
		if (strstr(files.gl_pathv[i], "/command/"))
			continue;
		text = read_file(files.gl_pathv[i]);
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			count += check_strings(files.gl_pathv[i], line);
		free(text);
	}
	globfree(&files);
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
