#include "config.h"

#include "package/server_state.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/count.h"
#include "base/redact.h"
#include "base/text.h"
#include "base/url.h"

const struct server_settings server_defaults = {
	.connect_s = 15,
	.stall_s = 30,
	.pause_ms = 1000,
	.retries = 3,
	/* most greet or answer within a second; a slow one is waited for all the same */
	.look_ms = 2000,
};

/* RFC 6890: what is not the world's. Everything of IPv4 as mapped IPv6. */
static const struct {
	unsigned char prefix[16];
	int bits;
	enum server_reach reach;
} nets[] = {
#define MAPPED 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff
	{ { MAPPED, 127 }, 96 + 8, REACH_COMPUTER },
	{ { MAPPED, 0 }, 96 + 8, REACH_COMPUTER },
	{ { 0 }, 127, REACH_COMPUTER },		/* :: and ::1 */
	{ { MAPPED, 10 }, 96 + 8, REACH_NETWORK },
	{ { MAPPED, 172, 16 }, 96 + 12, REACH_NETWORK },
	{ { MAPPED, 192, 168 }, 96 + 16, REACH_NETWORK },
	{ { MAPPED, 169, 254 }, 96 + 16, REACH_NETWORK },
	{ { MAPPED, 100, 64 }, 96 + 10, REACH_NETWORK },
	{ { 0xfc }, 7, REACH_NETWORK },
	{ { 0xfe, 0x80 }, 10, REACH_NETWORK },
#undef MAPPED
};

static bool same_bits(const unsigned char *a, const unsigned char *b, int bits)
{
	size_t whole = (size_t)bits / 8;
	unsigned mask = 0xff00u >> (bits % 8);

	return memcmp(a, b, whole) == 0 &&
	       (bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask & 0xff) == 0);
}

enum server_reach server_reach(const struct sockaddr *address)
{
	unsigned char bytes[16] = { [10] = 0xff, [11] = 0xff };

	if (address->sa_family == AF_INET)
		memcpy(bytes + 12,
		       &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
	else if (address->sa_family == AF_INET6)
		memcpy(bytes,
		       &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	else
		return REACH_COMPUTER;
	for (size_t i = 0; i < COUNT(nets); i++)
		if (same_bits(bytes, nets[i].prefix, nets[i].bits))
			return nets[i].reach;
	return REACH_WORLD;
}

bool server_has_login(CURLU *url)
{
	char *user = NULL;

	curl_url_get(url, CURLUPART_USER, &user, 0);
	curl_free(user);
	return user;
}

static int check_login_bytes(enum message_id id, const char *text, struct err *e)
{
	for (size_t i = 0; text && text[i] != '\0'; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return err_fail(e, id, "position=%zu", i + 1);
	return 0;
}

/* ~/.netrc holds passwords: it must be ours alone, as a credentials file. */
static int find_netrc(struct transfer *t, struct err *e)
{
	const char *home = getenv("HOME");
	struct stat st;
	int n = snprintf(t->netrc, sizeof(t->netrc), "%s/.netrc", home ? home : "");

	if (!home || n < 0 || (size_t)n >= sizeof(t->netrc))
		return err_fail(e, MSG_NETRC_NO_HOME, "");
	if (lstat(t->netrc, &st) < 0)
		return err_fail_sys(e, MSG_NETRC_UNREADABLE, errno, "path=%s", t->netrc);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077))
		return err_fail(e, MSG_NETRC_REFUSED, "path=%s", t->netrc);
	return 0;
}

/* Learn what must not be shown, and how we get in. */
static int read_access(struct transfer *t, struct err *e)
{
	const struct server_access *a = t->access;
	const char *user = a->user ? a->user : "";
	const char *password = a->password ? a->password : "";
	struct err ignored;

	if (check_login_bytes(MSG_USER_CONTROL_BYTE, user, e) < 0 ||
	    check_login_bytes(MSG_PASSWORD_CONTROL_BYTE, password, e) < 0)
		return -1;
	if (*password && !*user)
		return err_fail(e, MSG_PASSWORD_ALONE, "");
	if (a->cacert && *a->cacert && access(a->cacert, R_OK) < 0)
		return err_fail_sys(e, MSG_CA_FILE_UNREADABLE, errno, "path=%s", a->cacert);
	t->secrets_known = redactor_add_login(&t->secrets, user, password, &ignored) == 0;
	if (!a->netrc || *password)
		return 0;
	t->secrets_known = false;
	return find_netrc(t, e);
}

void server_name_host(struct transfer *t)
{
	char *host = NULL, *port = NULL;
	char name[sizeof(t->host)];

	if (t->moved)
		curl_url_get(t->url, CURLUPART_PORT, &port, 0);
	if (curl_url_get(t->url, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		snprintf(name, sizeof(name), "%s%s%s", host, port ? ":" : "", port ? port : "");
		text_safe_str(t->host, sizeof(t->host), name);
	}
	curl_free(port);
	curl_free(host);
}

/* The host as it stands in URL has to be the one that the library goes to: else
 * what is asked, recorded and looked for in a login is not what is reached. */
static int check_host(const char *url, const char *host, struct err *e)
{
	size_t size;
	const char *text = url_authority(url, &size), *at = url_at(url), *colon;

	if (at) {
		size -= (size_t)(at + 1 - text);
		text = at + 1;
	}
	colon = size > 0 && text[0] != '[' ? memchr(text, ':', size) : NULL;
	if (colon)
		size = (size_t)(colon - text);
	if (size > 0 && text[0] == '[')		/* an address in any of its forms is that address */
		return 0;
	if (!url_host_is_odd_number(text, size) && strlen(host) == size && strncasecmp(host, text, size) == 0)
		return 0;
	return err_fail(e, MSG_URL_HOST_DOUBTFUL, "host=%.*s other=%s", (int)size, text, host);
}

/* Name the server for messages, and learn the secrets of URL. */
static int read_url(struct transfer *t, const char *url, struct err *e)
{
	char *host = NULL, *user = NULL, *password = NULL;
	struct err ignored;
	int r = 0;
	CURLUcode rc = curl_url_set(t->url, CURLUPART_URL, url, 0);

	if (rc == CURLUE_OK)
		rc = curl_url_get(t->url, CURLUPART_HOST, &host, 0);
	if (rc == CURLUE_OK) {
		r = check_host(url, host, e);
		text_safe_str(t->host, sizeof(t->host), host);
		memcpy(t->first_host, t->host, sizeof(t->first_host));
		curl_url_get(t->url, CURLUPART_USER, &user, CURLU_URLDECODE);
		curl_url_get(t->url, CURLUPART_PASSWORD, &password, CURLU_URLDECODE);
	}
	if (rc == CURLUE_OK && !t->access)
		t->secrets_known = redactor_add_login(&t->secrets, user ? user : "",
						      password ? password : "",
						      &ignored) == 0;
	if (password)
		explicit_bzero(password, strlen(password));
	curl_free(password);
	curl_free(user);
	curl_free(host);
	if (rc != CURLUE_OK)
		return err_fail(e, MSG_NOT_A_URL, "library=%s", curl_url_strerror(rc));
	if (r < 0)
		return -1;
	if (t->access && server_has_login(t->url))
		return err_fail(e, MSG_URL_HOLDS_LOGIN, "");
	/* ";type=a" would have the file converted as if it were text */
	if (url_is_ftp(url_scheme(url)) && strchr(url, ';'))
		return err_fail(e, MSG_URL_SEMICOLON, "");
	return 0;
}

int server_open(struct transfer *t, const char *url, struct err *e)
{
	for (size_t i = 0; i < COUNT(t->sockets); i++)
		t->sockets[i] = -1;
	redactor_init(&t->secrets);
	if (url_scheme(url) == URL_NO_SCHEME)
		return err_fail(e, MSG_SERVER_URL_SCHEME, "");
	if (url_login_unclear(url))
		return err_fail(e, MSG_URL_LOGIN_UNCLEAR, "");
	if (libcurl_load(e) < 0)
		return -1;
	t->curl = curl_easy_init();
	t->multi = curl_multi_init();
	t->url = curl_url();
	if (!t->curl || !t->multi || !t->url)
		return err_fail(e, MSG_NO_MEMORY, "what=%s", "download");
	if (read_url(t, url, e) < 0)
		return -1;
	return t->access ? read_access(t, e) : 0;
}

void server_hang_up(struct transfer *t)
{
	for (size_t i = 0; i < COUNT(t->sockets); i++)
		if (t->sockets[i] >= 0)
			shutdown(t->sockets[i], SHUT_RDWR);
}

void server_close(struct transfer *t)
{
	/* or an FTP server that does not answer QUIT would hold us up */
	server_hang_up(t);
	if (t->curl)	/* or libcurl may not be there */
		curl_easy_cleanup(t->curl);
	if (t->multi)
		curl_multi_cleanup(t->multi);
	if (t->url)
		curl_url_cleanup(t->url);
	explicit_bzero(&t->secrets, sizeof(t->secrets));
}

const char *server_header(struct transfer *t, const char *name)
{
	struct curl_header *header;

	if (curl_easy_header(t->curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return NULL;
	return header->value;
}

bool server_range(struct transfer *t, uint64_t *first, uint64_t *total)
{
	const char *text = server_header(t, "Content-Range");
	uint64_t last;
	char star;
	int n = 0;

	*total = 0;
	if (!text || strncmp(text, "bytes ", 6) != 0)
		return false;
	text += 6;
	if (sscanf(text, "%20" SCNu64 "-%20" SCNu64 "/%20" SCNu64 "%n", first, &last,
		   total, &n) == 3)
		return text[n] == '\0' && *first <= last && last < *total;
	return sscanf(text, "%20" SCNu64 "-%20" SCNu64 "/%c%n", first, &last, &star,
		      &n) == 3 && star == '*' && text[n] == '\0' && *first <= last;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

char *server_location(struct transfer *t)
{
	const char *location = server_header(t, "Location");
	/* newer libraries would encode what has no place in a header */
	CURLU *url = location && !has_control(location) ? curl_url_dup(t->url) : NULL;
	char *text = NULL;

	if (url && curl_url_set(url, CURLUPART_URL, location,
				CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK)
		curl_url_get(url, CURLUPART_URL, &text, 0);
	curl_url_cleanup(url);
	return text;
}
