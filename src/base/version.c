#include "config.h"

#include "base/version.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* After the first '_': "01.018.01.018", "A0.301.A0.301". A name that has an
 * underscore for another reason has no dots behind it. */
static bool is_sub(const char *text)
{
	bool dots = false, digits = false;

	for (const char *c = text; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '.' && *c != '_')
			return false;
		dots |= *c == '.';
		digits |= isdigit((unsigned char)*c) != 0;
	}
	return dots && digits;
}

const char *version_sub(const char *version)
{
	const char *line = strchr(version, '_');

	return line && line > version && is_sub(line + 1) ? line + 1 : "";
}

static size_t base_size(const char *version)
{
	const char *sub = version_sub(version);

	return *sub ? (size_t)(sub - version) - 1 : strlen(version);
}

bool version_unready(const char *version)
{
	const char *sub = version_sub(version);

	return *sub && strspn(sub, "0._") == strlen(sub);
}

static const char *without_zeros(const char *part, const char *end)
{
	while (end - part > 1 && *part == '0' && isdigit((unsigned char)part[1]))
		part++;
	return part;
}

/* One part of a sub-version against another, as numbers where they are. */
static int compare_parts(const char *a, size_t a_size, const char *b, size_t b_size)
{
	const char *x = without_zeros(a, a + a_size), *y = without_zeros(b, b + b_size);
	size_t x_size = (size_t)(a + a_size - x), y_size = (size_t)(b + b_size - y);
	int r;

	if (isdigit((unsigned char)*x) && isdigit((unsigned char)*y) && x_size != y_size)
		return x_size < y_size ? -1 : 1;
	r = strncasecmp(x, y, x_size < y_size ? x_size : y_size);
	if (r != 0 || x_size == y_size)
		return r;
	return x_size < y_size ? -1 : 1;
}

/* 0 also where one is the beginning of the other: 01.018 and 01.018.01.018. */
static int compare_subs(const char *a, const char *b)
{
	for (;;) {
		size_t a_size = strcspn(a, "._"), b_size = strcspn(b, "._");
		int r = compare_parts(a, a_size, b, b_size);

		if (r != 0 || !a[a_size] || !b[b_size])
			return r;
		a += a_size + 1;
		b += b_size + 1;
	}
}

static bool same_base(const char *a, const char *b)
{
	size_t size = base_size(a);

	return size == base_size(b) && strncasecmp(a, b, size) == 0;
}

enum version_match version_compare(const char *a, const char *b)
{
	const char *a_sub = version_sub(a), *b_sub = version_sub(b);

	if (!*a || !*b || !same_base(a, b))
		return VERSION_OTHER;
	if (!*a_sub && !*b_sub)
		return VERSION_SAME;
	if (!*a_sub || !*b_sub || version_unready(a) != version_unready(b))
		return VERSION_BASE;
	return compare_subs(a_sub, b_sub) == 0 ? VERSION_SAME : VERSION_OTHER;
}

static int kind_of(char c)
{
	return isdigit((unsigned char)c) ? '0' : isalpha((unsigned char)c) ? 'A' : c;
}

bool version_same_form(const char *a, const char *b)
{
	size_t size = base_size(a);

	if (size != base_size(b))
		return false;
	for (size_t i = 0; i < size; i++)
		if (kind_of(a[i]) != kind_of(b[i]))
			return false;
	return true;
}

bool version_older(const char *a, const char *b)
{
	if (version_compare(a, b) != VERSION_OTHER)
		return false;
	if (same_base(a, b))
		return compare_subs(version_sub(a), version_sub(b)) < 0;
	return strcasecmp(a, b) < 0;
}
