/*
 * chinese.h - the environment of a person who reads Chinese, without that such a
 * locale must be installed: C.UTF-8, which comes with the C library, under its
 * name in a folder of the test's own. The translation is that of the build.
 */
#ifndef DFOTA_CHINESE_H
#define DFOTA_CHINESE_H

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "skip.h"

/* newlocale() of glibc loses the list that it makes of LOCPATH; a leak checker asks here. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:__argz_add_sep\n";
}

struct chinese {
	char folder[64], link[96];
};

/* Prepare it, or skip the test that asks for it. */
static inline void chinese_prepare(struct chinese *c)
{
	static const char *const places[] = { "/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8" };
	const char *build = getenv("builddir");
	char translations[4096];
	size_t i = 0;

	if (!ENABLE_NLS)
		skip_because("built without translations");
	while (i < sizeof(places) / sizeof(places[0]) && access(places[i], R_OK) != 0)
		i++;
	if (i == sizeof(places) / sizeof(places[0]))
		skip_because("no locale C.UTF-8 on this system");
	snprintf(c->folder, sizeof(c->folder), "/tmp/dfota-words-XXXXXX");
	assert_non_null(mkdtemp(c->folder));
	snprintf(c->link, sizeof(c->link), "%s/zh_CN.utf8", c->folder);
	assert_int_equal(symlink(places[i], c->link), 0);
	snprintf(translations, sizeof(translations), "%s/po", build ? build : "build");
	setenv("LOCPATH", c->folder, 1);
	setenv("TEXTDOMAINDIR", translations, 1);
	setenv("LC_ALL", "zh_CN.UTF-8", 1);
	unsetenv("LANGUAGE");
}

/* This thread is back to English, and the environment to that of all tests. */
static inline void chinese_forget(struct chinese *c)
{
	words_close();
	unsetenv("LOCPATH");
	unsetenv("TEXTDOMAINDIR");
	unsetenv("LANGUAGE");
	unsetenv("LC_MESSAGES");
	unsetenv("LC_CTYPE");
	setenv("LC_ALL", "C.UTF-8", 1);
	unlink(c->link);
	rmdir(c->folder);
}

/* Is a character of TEXT beyond ASCII? */
static inline bool is_chinese(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0xe0)
			return true;
	return false;
}

#endif
