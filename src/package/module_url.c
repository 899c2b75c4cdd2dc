#include "config.h"

#include "package/module_url.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"

/* What may not stand in a URL that is put between quotes in an AT command
 * (protocol.md 1.1), and why. ';' joins AT commands; blanks break downloads
 * on similar stacks. */
static const struct {
	unsigned char first, last;
	const char *why;
} refused_bytes[] = {
	{ ' ', ' ', "blank: write %20" },
	{ 0x00, 0x1f, "control byte" },
	{ 0x7f, 0x7f, "control byte" },
	{ 0x80, 0xff, "not ASCII: write it as %XX, a host name in its xn-- form" },
	{ '"', '"', "'\"': it would close the AT parameter" },
	{ '\\', '\\', "'\\'" },
	{ '#', '#', "'#': a module takes no fragment" },
	{ ';', ';', "';'" },
};

static const char *why_refused(unsigned char byte)
{
	for (size_t i = 0; i < COUNT(refused_bytes);
	     i++)
		if (byte >= refused_bytes[i].first &&
		    byte <= refused_bytes[i].last)
			return refused_bytes[i].why;
	return NULL;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that the "%XX" at TEXT stands for, -1 when it is none. */
static int percent_byte(const char *text)
{
	int high, low;

	if (text[0] != '%')
		return -1;
	high = hex_digit(text[1]);
	if (high < 0)
		return -1;
	low = hex_digit(text[2]);
	return low < 0 ? -1 : high * 16 + low;
}

static int check_url_bytes(const char *url, struct err *e)
{
	for (size_t i = 0; url[i] != '\0'; i++) {
		unsigned char byte = (unsigned char)url[i];
		const char *why = why_refused(byte);
		int coded = percent_byte(&url[i]);

		if (why)
			return err_set(e, ERR_USAGE,
				       "URL: byte 0x%02x at position %zu cannot be given to a module (%s)",
				       byte, i + 1, why);
		if ((coded >= 0 && coded < 0x20) || coded == 0x7f)
			return err_set(e, ERR_USAGE,
				       "URL: %%%02x at position %zu cannot be given to a module (coded control byte)",
				       (unsigned)coded, i + 1);
	}
	return 0;
}

/* Bytes that would end the user or password early, besides those refused
 * everywhere. The byte itself is not shown: it belongs to a secret. */
static int check_login(const char *what, const char *text, int max,
		       struct err *e)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++)
		if (why_refused((unsigned char)text[i]) ||
		    strchr("@:/?%", text[i]))
			return err_set(e, ERR_USAGE,
				       "the byte at position %zu of the %s cannot stand in a URL for a module: it takes letters, digits and signs other than \" \\ # ; @ : / ? %%",
				       i + 1, what);
	if (max > 0 && size > (size_t)max)
		return err_set(e, ERR_USAGE,
			       "the %s has %zu bytes; a module takes at most %d",
			       what, size, max);
	return 0;
}

static int parse_scheme(struct url_parts *parts, const char *url, bool https,
			const char **rest, struct err *e)
{
	const char *end = strstr(url, "://");
	size_t size;

	if (!end)
		return err_set(e, ERR_USAGE,
			       "URL: no scheme: begin it with ftp:// or http://");
	size = (size_t)(end - url);
	*rest = end + 3;
	if (size == 3 && strncasecmp(url, "ftp", size) == 0) {
		strcpy(parts->scheme, "ftp");
		return 0;
	}
	if (size == 4 && strncasecmp(url, "http", size) == 0) {
		strcpy(parts->scheme, "http");
		return 0;
	}
	if (size == 5 && strncasecmp(url, "https", size) == 0) {
		if (!https)
			return err_set(e, ERR_USAGE,
				       "URL: this module cannot do https://: give it http:// or ftp://, or download the file and send it with --file");
		strcpy(parts->scheme, "https");
		return 0;
	}
	return err_set(e, ERR_USAGE,
		       "URL: unknown scheme \"%.*s\": a module takes ftp:// and http://",
		       size > 20 ? 20 : (int)size, url);
}

static int parse_port(struct url_parts *parts, const char *text, size_t size,
		      struct err *e)
{
	int port = 0;

	for (size_t i = 0; i < size && port <= 65535; i++) {
		if (text[i] < '0' || text[i] > '9')
			return err_set(e, ERR_USAGE,
				       "URL: port \"%.*s\" is no number",
				       size > 20 ? 20 : (int)size, text);
		port = port * 10 + (text[i] - '0');
	}
	if (size == 0)
		return err_set(e, ERR_USAGE,
			       "URL: no port after the ':': leave both away or give 1 to 65535");
	if (port < 1 || port > 65535)
		return err_set(e, ERR_USAGE,
			       "URL: port %.*s is not within 1 to 65535",
			       size > 20 ? 20 : (int)size, text);
	parts->port = port;
	return 0;
}

static int check_host(const struct url_parts *parts, size_t offset, int max,
		      struct err *e)
{
	const char *host = parts->host;
	size_t size = strlen(host);

	if (size == 0)
		return err_set(e, ERR_USAGE, "URL: no host");
	for (size_t i = 0; i < size; i++) {
		char c = host[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') ||
		    (i > 0 && (c == '.' || c == '-' || c == '_')))
			continue;
		if (c == '[')
			return err_set(e, ERR_USAGE,
				       "URL: IPv6 address at position %zu: a module takes names and IPv4 addresses",
				       offset + i + 1);
		return err_set(e, ERR_USAGE,
			       "URL: '%c' at position %zu cannot stand in a host name",
			       c, offset + i + 1);
	}
	if (max > 0 && size > (size_t)max)
		return err_set(e, ERR_USAGE,
			       "URL: the host has %zu bytes; a module takes at most %d",
			       size, max);
	return 0;
}

/* "host[:port]" between the scheme and the path, OFFSET bytes into the URL. */
static int parse_authority(struct url_parts *parts, const char *text,
			   size_t size, size_t offset,
			   const struct url_limits *limits, struct err *e)
{
	const char *at = memchr(text, '@', size);
	const char *colon = memchr(text, ':', size);
	size_t host_size;

	if (at)
		return err_set(e, ERR_USAGE,
			       "URL: '@' at position %zu: give user and password with --credentials, not in the URL",
			       offset + (size_t)(at - text) + 1);
	if (colon && text[0] == '[')
		colon = NULL;	/* an IPv6 address: check_host() says so */
	host_size = colon ? (size_t)(colon - text) : size;
	if (host_size >= sizeof(parts->host))
		return err_set(e, ERR_USAGE, "URL: the host has %zu bytes",
			       host_size);
	memcpy(parts->host, text, host_size);
	parts->host[host_size] = '\0';
	if (check_host(parts, offset, limits->login_max, e) < 0)
		return -1;
	if (!colon)
		return 0;
	return parse_port(parts, colon + 1, size - host_size - 1, e);
}

static int parse_path(struct url_parts *parts, const char *path,
		      const struct url_limits *limits, struct err *e)
{
	size_t size = strlen(path);

	if (path[0] != '/' || size < 2 ||
	    (strcmp(parts->scheme, "ftp") == 0 && path[size - 1] == '/'))
		return err_set(e, ERR_USAGE,
			       "URL: names no file: %s://%.60s/FILE",
			       parts->scheme, parts->host);
	if (strcmp(parts->scheme, "ftp") == 0 && limits->ftp_path_max > 0 &&
	    size > (size_t)limits->ftp_path_max)
		return err_set(e, ERR_USAGE,
			       "URL: the path has %zu bytes; for ftp a module takes at most %d",
			       size, limits->ftp_path_max);
	memcpy(parts->path, path, size + 1);
	return 0;
}

static int parse_url(struct url_parts *parts, const char *url,
		     const struct url_limits *limits, struct err *e)
{
	const char *authority = NULL;
	size_t size;

	memset(parts, 0, sizeof(*parts));
	if (check_url_bytes(url, e) < 0 ||
	    parse_scheme(parts, url, limits->https, &authority, e) < 0)
		return -1;
	size = strcspn(authority, "/?");
	if (parse_authority(parts, authority, size, (size_t)(authority - url),
			    limits, e) < 0)
		return -1;
	return parse_path(parts, authority + size, limits, e);
}

int module_url(char *out, size_t out_size, const char *url,
		      const char *user, const char *password,
		      const struct url_limits *limits, struct url_parts *parts,
		      struct err *e)
{
	struct url_parts own;
	size_t max = limits->url_max > 0 ? (size_t)limits->url_max : URL_SIZE - 1;
	bool login = (user && *user) || (password && *password);
	char port[8] = "";
	int n;

	assert(out_size > 0);
	out[0] = '\0';
	if (!parts)
		parts = &own;
	if (!user)
		user = "";
	if (!password)
		password = "";
	if (strlen(url) > max || strlen(url) >= URL_SIZE)
		return err_set(e, ERR_USAGE,
			       "URL: %zu bytes; a module takes at most %zu",
			       strlen(url), max);
	if (parse_url(parts, url, limits, e) < 0)
		return -1;
	if (login && strcmp(parts->scheme, "ftp") != 0)
		return err_set(e, ERR_USAGE,
			       "a module takes user and password for ftp:// only: leave them away or use an FTP server");
	if (login && *user == '\0')
		return err_set(e, ERR_USAGE, "a password without a user");
	if (check_login("user", user, limits->login_max, e) < 0 ||
	    check_login("password", password, limits->login_max, e) < 0)
		return -1;
	if (parts->port != 0)
		snprintf(port, sizeof(port), ":%d", parts->port);
	n = snprintf(out, out_size, "%s://%s%s%s%s%s%s%s", parts->scheme, user,
		     login ? ":" : "", password, login ? "@" : "", parts->host,
		     port, parts->path);
	if (n >= 0 && (size_t)n < out_size && (size_t)n <= max)
		return 0;
	memset(out, 0, out_size);
	return err_set(e, ERR_USAGE,
		       "URL: %d bytes with user and password; a module takes at most %zu",
		       n, max);
}
