#include "config.h"

#include "base/words.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#if ENABLE_NLS
#include <libintl.h>

const char *words_of(const char *english)
{
	return english[0] ? dgettext(PACKAGE, english) : english;	/* that of "" is the header */
}

void words_open(void)
{
	const char *folder = getenv("TEXTDOMAINDIR");
	locale_t locale = newlocale(LC_MESSAGES_MASK | LC_CTYPE_MASK, "", (locale_t)0);

	if (!locale)
		return;
	bindtextdomain(PACKAGE, folder && folder[0] ? folder : LOCALEDIR);
	bind_textdomain_codeset(PACKAGE, "UTF-8");
	if (strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0) {
		locale_t before = uselocale(locale);

		/* also the system's own words stay in English where ours do */
		if (dgettext(PACKAGE, "")[0])
			return;
		uselocale(before);
	}
	freelocale(locale);
}

void words_close(void)
{
	locale_t locale = uselocale(LC_GLOBAL_LOCALE);

	if (locale != LC_GLOBAL_LOCALE)
		freelocale(locale);
}
#else
const char *words_of(const char *english)
{
	return english;
}

void words_open(void)
{
}

void words_close(void)
{
}
#endif

const char *words_of_errno(int error_number)
{
	locale_t english = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	const char *words = strerror_l(error_number, english);

	freelocale(english);	/* of C nothing is allocated */
	return words;
}
