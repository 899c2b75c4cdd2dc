#include "config.h"

#include "protocol/module_url.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"
#include "base/limits.h"
#include "base/url.h"

/* A URL in its parts: as they stand in it, but for the port. */
struct parts {
	const char *scheme;		/* "ftp://" */
	bool ftp;
	const char *host;
	size_t host_size;
	int port;			/* 0: not given */
	const char *path;		/* from the first '/' on */
};

/* What may not stand in a URL that is put between quotes in an AT command
 * (protocol.md 1.1). ';' joins AT commands; blanks break downloads on similar
 * stacks. */
static const struct {
	unsigned char first, last;
	enum message_id id;
} refused_bytes[] = {
	{ ' ', ' ', MSG_URL_BLANK },
	{ 0x00, 0x1f, MSG_URL_CONTROL },
	{ 0x7f, 0x7f, MSG_URL_CONTROL },
	{ 0x80, 0xff, MSG_URL_NOT_ASCII },
	{ '"', '"', MSG_URL_SIGN },
	{ '\\', '\\', MSG_URL_SIGN },
	{ '#', '#', MSG_URL_FRAGMENT },
	{ ';', ';', MSG_URL_SIGN },
};

/* Why C is refused, MSG_NONE: it is not. */
static enum message_id refusal(char c)
{
	unsigned char byte = (unsigned char)c;

	for (size_t i = 0; i < COUNT(refused_bytes); i++)
		if (byte >= refused_bytes[i].first && byte <= refused_bytes[i].last)
			return refused_bytes[i].id;
	return MSG_NONE;
}

/* The byte that the "%XX" at TEXT stands for, -1 when it is none. */
static int percent_byte(const char *text)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	char hex[3] = "";

	if (text[0] != '%' || strspn(text + 1, digits) < 2)
		return -1;
	memcpy(hex, text + 1, 2);
	return (int)strtol(hex, NULL, 16);
}

static int check_bytes(const char *url, struct err *e)
{
	for (size_t i = 0; url[i] != '\0'; i++) {
		enum message_id id = refusal(url[i]);
		int coded = percent_byte(&url[i]);
		char hex[8];

		snprintf(hex, sizeof(hex), "0x%02x", (unsigned char)url[i]);
		if (id != MSG_NONE)
			return err_fail(e, id, "byte=%s position=%zu", hex, i + 1);
		snprintf(hex, sizeof(hex), "%%%02x", (unsigned)coded & 0xff);
		if ((coded >= 0 && coded < 0x20) || coded == 0x7f)
			return err_fail(e, MSG_URL_CODED_CONTROL, "code=%s position=%zu", hex, i + 1);
	}
	return 0;
}

/* Bytes that would end the user or password early, besides those refused
 * everywhere. The byte itself is not shown: it belongs to a secret. */
static int check_login(const char *text, int max, enum message_id wrong,
		       enum message_id too_long, struct err *e)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++)
		if (refusal(text[i]) != MSG_NONE || strchr("@:/?%", text[i]))
			return err_fail(e, wrong, "position=%zu", i + 1);
	if (max > 0 && size > (size_t)max)
		return err_fail(e, too_long, "size=%zu most=%d", size, max);
	return 0;
}

static int read_scheme(struct parts *p, const char *url, const struct url_limits *limits, struct err *e)
{
	enum url_scheme scheme = url_scheme(url);
	const char *end = strstr(url, "://");

	if (!end)
		return err_fail(e, MSG_URL_NO_SCHEME, "");
	if (scheme == URL_HTTPS && !limits->https)
		return err_fail(e, MSG_URL_HTTPS, "");
	if (scheme == URL_FTP && limits->no_ftp)
		return err_fail(e, MSG_URL_FTP, "");
	if (scheme == URL_NO_SCHEME || scheme == URL_FTPS)
		return err_fail(e, MSG_URL_SCHEME, "scheme=%.*s", (int)(end - url), url);
	p->scheme = url_scheme_text(scheme);
	p->ftp = scheme == URL_FTP;
	return 0;
}

static int read_port(struct parts *p, const char *text, size_t size, struct err *e)
{
	size_t digits = strspn(text, "0123456789");

	if (size == 0)
		return err_fail(e, MSG_URL_PORT_MISSING, "");
	if (digits < size)
		return err_fail(e, MSG_URL_PORT_NO_NUMBER, "port=%.*s", (int)size, text);
	for (size_t i = 0; i < size && p->port <= 65535; i++)
		p->port = p->port * 10 + (text[i] - '0');
	if (p->port < 1 || p->port > 65535)
		return err_fail(e, MSG_URL_PORT_RANGE, "port=%.*s", (int)size, text);
	return 0;
}

static int check_host(const struct parts *p, size_t offset, int max, struct err *e)
{
	if (p->host_size == 0)
		return err_fail(e, MSG_URL_NO_HOST, "");
	for (size_t i = 0; i < p->host_size; i++) {
		char c = p->host[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || (i > 0 && strchr(".-_", c)))
			continue;
		if (c == '[')
			return err_fail(e, MSG_URL_IPV6, "position=%zu", offset + i + 1);
		return err_fail(e, MSG_URL_HOST_SIGN, "sign=%c position=%zu", c, offset + i + 1);
	}
	if (url_host_is_odd_number(p->host, p->host_size))
		return err_fail(e, MSG_URL_HOST_NUMBER, "host=%.*s", (int)p->host_size, p->host);
	if (max > 0 && p->host_size > (size_t)max)
		return err_fail(e, MSG_URL_HOST_LONG, "size=%zu most=%d", p->host_size, max);
	return 0;
}

/* "host[:port]" between the scheme and the path. */
static int read_authority(struct parts *p, const char *url, const struct url_limits *limits,
			  struct err *e)
{
	size_t size;
	const char *text = url_authority(url, &size), *at = url_at(url);
	const char *colon = size > 0 && text[0] != '[' ? memchr(text, ':', size) : NULL;

	if (at)
		return err_fail(e, MSG_URL_LOGIN, "position=%zu", (size_t)(at - url) + 1);
	p->host = text;
	p->host_size = colon ? (size_t)(colon - text) : size;
	p->path = text + size;
	if (check_host(p, (size_t)(text - url), limits->login_max, e) < 0)
		return -1;
	return colon ? read_port(p, colon + 1, size - p->host_size - 1, e) : 0;
}

static int check_path(const struct parts *p, const struct url_limits *limits, struct err *e)
{
	size_t size = strlen(p->path);

	if (p->path[0] != '/' || size < 2 || (p->ftp && p->path[size - 1] == '/'))
		return err_fail(e, MSG_URL_NO_FILE, "scheme=%s host=%.*s", p->scheme,
				(int)p->host_size, p->host);
	if (p->ftp && limits->ftp_path_max > 0 && size > (size_t)limits->ftp_path_max)
		return err_fail(e, MSG_URL_PATH_LONG, "size=%zu most=%d", size, limits->ftp_path_max);
	return 0;
}

static size_t most(const struct url_limits *limits)
{
	return limits->max > 0 ? (size_t)limits->max : URL_SIZE - 1;
}

static int read_url(struct parts *p, const char *url, const struct url_limits *limits,
		    struct err *e)
{
	*p = (struct parts){ .port = 0 };
	if (url_login_unclear(url))	/* before what names a part of it */
		return err_fail(e, MSG_URL_LOGIN_UNCLEAR, "");
	if (strlen(url) > most(limits))
		return err_fail(e, MSG_URL_LONG, "size=%zu most=%zu", strlen(url), most(limits));
	if (check_bytes(url, e) < 0 || read_scheme(p, url, limits, e) < 0 ||
	    read_authority(p, url, limits, e) < 0)
		return -1;
	return check_path(p, limits, e);
}

int module_url_check(const char *url, const struct url_limits *limits, struct err *e)
{
	struct parts p;

	return read_url(&p, url, limits, e);
}

int module_url(char *out, size_t out_size, const char *url, const char *user,
	       const char *password, const struct url_limits *limits, struct err *e)
{
	struct parts p;
	char port[8] = "";
	bool login;
	int n;

	assert(out_size > 0);
	out[0] = '\0';
	user = user ? user : "";
	password = password ? password : "";
	login = *user || *password;
	if (read_url(&p, url, limits, e) < 0)
		return -1;
	if (login && !p.ftp)
		return err_fail(e, MSG_URL_LOGIN_HTTP, "");
	if (login && !*user)
		return err_fail(e, MSG_LOGIN_NO_USER, "");
	if (check_login(user, limits->login_max, MSG_URL_USER_BYTE, MSG_URL_USER_LONG, e) < 0 ||
	    check_login(password, limits->login_max, MSG_URL_PASSWORD_BYTE,
			MSG_URL_PASSWORD_LONG, e) < 0)
		return -1;
	if (p.port != 0)
		snprintf(port, sizeof(port), ":%d", p.port);
	n = snprintf(out, out_size, "%s%s%s%s%s%.*s%s%s", p.scheme, user, login ? ":" : "",
		     password, login ? "@" : "", (int)p.host_size, p.host, port, p.path);
	if (n >= 0 && (size_t)n < out_size && (size_t)n <= most(limits))
		return 0;
	explicit_bzero(out, out_size);
	return err_fail(e, MSG_URL_WITH_LOGIN_LONG, "size=%d most=%zu", n, most(limits));
}
