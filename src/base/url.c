#include "config.h"

#include "base/url.h"

#include <string.h>
#include <strings.h>

static const char *const schemes[URL_SCHEMES] = {
	[URL_NO_SCHEME] = "", [URL_FTP] = "ftp://", [URL_HTTP] = "http://",
	[URL_FTPS] = "ftps://", [URL_HTTPS] = "https://",
};

const char *url_scheme_text(enum url_scheme scheme)
{
	return schemes[scheme];
}

enum url_scheme url_scheme(const char *url)
{
	for (enum url_scheme s = URL_FTP; s < URL_SCHEMES; s++)
		if (strncasecmp(url, schemes[s], strlen(schemes[s])) == 0)
			return s;
	return URL_NO_SCHEME;
}

const char *url_authority(const char *url, size_t *size)
{
	size_t name = strspn(url, URL_SCHEME_SIGNS);
	const char *from = url + (strncmp(url + name, "://", 3) == 0 ? name + 3 : 0);

	if (size)
		*size = strcspn(from, "/?#");
	return from;
}

#define DIGITS "0123456789"

/* "0" to "255", without a zero before it. */
static bool is_octet(const char *text, size_t size)
{
	int value = 0;

	if (size < 1 || size > 3 || (size > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < size; i++)
		value = value * 10 + text[i] - '0';
	return strspn(text, DIGITS) >= size && value <= 255;
}

/* Decimal, or hexadecimal with 0x. */
static bool is_number(const char *text, size_t size)
{
	bool hex = size >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');

	return size > 0 && strspn(text + (hex ? 2 : 0), hex ? DIGITS "abcdefABCDEF" : DIGITS) >= size - (hex ? 2 : 0);
}

bool url_host_is_odd_number(const char *text, size_t size)
{
	const char *end = text + size, *label = text, *dot;
	int labels = 1, octets = 0;

	if (size > 0 && end[-1] == '.' && size > 1)
		end--;
	for (; (dot = memchr(label, '.', (size_t)(end - label))); label = dot + 1, labels++)
		octets += is_octet(label, (size_t)(dot - label));
	if (!is_number(label, (size_t)(end - label)))
		return false;	/* as the last label decides, a name */
	octets += is_octet(label, (size_t)(end - label));
	return labels != 4 || octets != 4 || end != text + size;
}

const char *url_at(const char *url)
{
	size_t size;
	const char *from = url_authority(url, &size);

	return memchr(from, '@', size);
}

/* Is what follows the ':' at TEXT a port, and then the end or the path? */
static bool has_port(const char *text, size_t size)
{
	size_t i = 1;

	while (i < size && text[i] >= '0' && text[i] <= '9')
		i++;
	return i > 1 && i <= 6 && (i == size || memchr("/?#", text[i], 3));
}

const char *url_login_end(const char *text, size_t size, const bool *hidden)
{
	const char *end = NULL, *unclear = NULL, *colon = NULL;
	bool path = false, port = false;

	for (size_t i = 0; i < size; i++) {
		path |= text[i] == '/' && !(hidden && hidden[i]);
		if (text[i] == ':' && !colon) {
			colon = text + i;
			port = !path && has_port(colon, size - i);
		}
		if (text[i] == '@' && !path)
			end = text + i;
		else if (text[i] == '@' && colon && !port)
			unclear = text + i;
	}
	return end ? end : unclear;
}

bool url_login_unclear(const char *url)
{
	size_t size;
	const char *from = url_authority(url, &size), *end = url_login_end(from, strlen(from), NULL);
	const char *colon = end ? memchr(from, ':', (size_t)(end - from)) : NULL;

	return colon && end >= from + size && !(colon < from + size && has_port(colon, strlen(colon)));
}
