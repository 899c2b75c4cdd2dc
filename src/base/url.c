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
	const char *sign = strstr(url, "://");
	const char *from = sign ? sign + 3 : url;

	if (size)
		*size = strcspn(from, "/?#");
	return from;
}

const char *url_at(const char *url)
{
	size_t size;
	const char *from = url_authority(url, &size);

	return memchr(from, '@', size);
}
