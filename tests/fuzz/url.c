/* A URL that a module may be given means the same to libcurl: the same scheme, host,
 * port, path and login; what is accepted is harmless between quotes. */
#include "config.h"

#include <strings.h>

#include "base/limits.h"
#include "base/url.h"
#include "package/libcurl.h"
#include "protocol/module_url.h"
#include "tests/fuzz/fuzz.h"

static bool part_is(CURLU *u, CURLUPart part, unsigned flags, const char *text, size_t size)
{
	char *got = NULL;
	bool same = curl_url_get(u, part, &got, flags) == CURLUE_OK ? strlen(got) == size && strncasecmp(got, text, size) == 0
								  : size == 0;

	curl_free(got);
	return same;
}

/* HOST[:PORT] as we cut it out. */
static void check_host(CURLU *u, const char *url, enum url_scheme scheme)
{
	size_t size, host;
	const char *from = url_authority(url, &size), *at = url_at(url), *colon;
	const char *port = scheme == URL_FTP ? "21" : scheme == URL_HTTPS ? "443" : "80";
	char digits[8];

	if (at) {
		size -= (size_t)(at + 1 - from);
		from = at + 1;
	}
	colon = memchr(from, ':', size);
	host = colon ? (size_t)(colon - from) : size;
	CLAIM(part_is(u, CURLUPART_HOST, 0, from, host));
	if (colon) {
		snprintf(digits, sizeof(digits), "%ld", strtol(colon + 1, NULL, 10));
		port = digits;
	}
	CLAIM(part_is(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, strlen(port)));
	CLAIM(!url_host_is_odd_number(from, host));
}

static void compare(const char *url, const char *user, const char *password)
{
	enum url_scheme scheme = url_scheme(url);
	const char *name = url_scheme_text(scheme), *path = strchr(strstr(url, "://") + 3, '/');
	CURLU *u;
	struct err loading;

	CLAIM(scheme == URL_FTP || scheme == URL_HTTP || scheme == URL_HTTPS);
	CLAIM(libcurl_load(&loading) == 0);
	u = curl_url();
	CLAIM(curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK);
	CLAIM(part_is(u, CURLUPART_SCHEME, 0, name, strlen(name) - 3));
	CLAIM(part_is(u, CURLUPART_USER, 0, user, strlen(user)));
	CLAIM(part_is(u, CURLUPART_PASSWORD, 0, password, strlen(password)));
	CLAIM(path && part_is(u, CURLUPART_FRAGMENT, 0, "", 0));
	check_host(u, url, scheme);
	curl_url_cleanup(u);
}

static void check_bytes(const char *url)
{
	for (; *url; url++)
		CLAIM(*url > 0x20 && *url < 0x7f && !strchr("\"\\#;", *url));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned flags = take_byte(&in);
	struct url_limits limits = {
		.max = flags & 1 ? 255 : 0, .login_max = flags & 2 ? 50 : 0,
		.ftp_path_max = flags & 4 ? 50 : 0, .https = flags & 8,
	};
	char user[LOGIN_SIZE], password[LOGIN_SIZE], url[600], out[URL_SIZE];
	struct err e;
	bool plain;

	text_of(take_until(&in, '\n'), user, sizeof(user));
	text_of(take_until(&in, '\n'), password, sizeof(password));
	text_of(in, url, sizeof(url));
	plain = module_url_check(url, &limits, &e) == 0;
	if (plain) {
		check_bytes(url);
		compare(url, "", "");
	}
	if (module_url(out, sizeof(out), url, user, password, &limits, &e) < 0) {
		CLAIM(out[0] == '\0');
		return 0;
	}
	CLAIM(plain && strlen(out) <= (limits.max ? (size_t)limits.max : URL_SIZE - 1));
	check_bytes(out);
	compare(out, user, password);
	return 0;
}
