#include "config.h"

#include "package/server_state.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <nettle/base64.h>

#include "base/count.h"
#include "base/redact.h"
#include "base/text.h"

/* What a person reads of it; the rest of a page is menus and addresses. */
#define SAID_MAX 200

void server_words(struct transfer *t, char *out, size_t out_size,
		  const char *text)
{
	char redacted[REDACTOR_LINE_MAX + 64];
	size_t size;

	if (!t->secrets_known) {
		snprintf(out, out_size, "(not shown)");
		return;
	}
	size = redact(&t->secrets, redacted, sizeof(redacted), text, strlen(text));
	text_safe(out, out_size, redacted, size);
}

static void keep(struct transfer *t, const char *bytes, size_t size)
{
	size_t room = sizeof(t->said) - t->said_size;

	if (size > room)
		size = room;
	memcpy(t->said + t->said_size, bytes, size);
	t->said_size += size;
}

/* The number that a reply of FTP begins with, RFC 959 4.2; -1: none. */
static int reply_number(const char *bytes, size_t size)
{
	if (size < 3)
		return -1;
	for (size_t i = 0; i < 3; i++)
		if (bytes[i] < '0' || bytes[i] > '9')
			return -1;
	if (size > 3 && !strchr(" -\r\n", bytes[3]))
		return -1;
	return (bytes[0] - '0') * 100 + (bytes[1] - '0') * 10 + bytes[2] - '0';
}

/* Digits, and a line end. */
static bool is_number(const char *bytes, size_t size)
{
	while (size > 0 && isspace((unsigned char)bytes[size - 1]))
		size--;
	for (size_t i = 0; i < size; i++)
		if (!isdigit((unsigned char)bytes[i]))
			return false;
	return size > 0 && size < 19;
}

/* One line of a reply, which may have several: "530-...", "530 ...". */
static void hear_ftp(struct transfer *t, const char *bytes, size_t size)
{
	int number = reply_number(bytes, size);
	bool first = t->replying == 0;
	bool last = number >= 0 && bytes[size > 3 ? 3 : 2] != '-' &&
		(first || number == t->replying);

	/* what the library makes of answers has no number */
	if (first && number < 0)
		return;
	if (first)
		t->said_size = 0;
	else
		keep(t, " ", 1);
	if (number >= 0 && (first || number == t->replying)) {
		size_t skip = size > 3 ? 4 : 3;

		keep(t, bytes + skip, size - skip);
	} else {
		keep(t, bytes, size);
	}
	t->replying = last ? 0 : first ? number : t->replying;
	/* the library takes the digits at the end for it, "-5" and "n/a 5" too */
	if (last && number == 213 && strcmp(t->verb, "SIZE") == 0 && !is_number(t->said, t->said_size))
		t->odd_length = true;
}

void server_hear(struct transfer *t, const char *bytes, size_t size)
{
	const char *blank;

	if (t->ftp) {
		hear_ftp(t, bytes, size);
		return;
	}
	if (size < 5 || memcmp(bytes, "HTTP/", 5) != 0)
		return;
	/* "HTTP/1.1 403 Forbidden": the words behind the second blank */
	t->said_size = 0;
	blank = memchr(bytes, ' ', size);
	if (blank)
		blank = memchr(blank + 1, ' ', size - (size_t)(blank + 1 - bytes));
	if (blank)
		keep(t, blank + 1, size - (size_t)(blank + 1 - bytes));
}

void server_hear_page(struct transfer *t, const char *bytes, size_t size)
{
	if (t->page)
		keep(t, bytes, size);
}

void server_learn_secrets(struct transfer *t, const char *bytes, size_t size)
{
	static const char basic[] = "Authorization: Basic ";
	char user[384] = "", password[384] = "";
	const char *from = t->ftp ? bytes : memmem(bytes, size, basic, sizeof(basic) - 1);
	size_t left = from ? size - (size_t)(from - bytes) : 0, n = 0;
	struct err ignored;

	if (t->ftp && left > 5 && memcmp(from, "PASS ", 5) == 0) {
		while (n + 5 < left && n + 1 < sizeof(password) && from[n + 5] != '\r' && from[n + 5] != '\n')
			n++;
		memcpy(password, from + 5, n);
	} else if (!t->ftp && left > 0) {
		struct base64_decode_ctx ctx;
		size_t coded = 0, decoded = sizeof(user) - 1;
		char *colon;

		from += sizeof(basic) - 1;
		left -= sizeof(basic) - 1;
		while (coded < left && from[coded] != '\r' && from[coded] != '\n')
			coded++;
		base64_decode_init(&ctx);
		if (BASE64_DECODE_LENGTH(coded) >= sizeof(user) ||
		    !base64_decode_update(&ctx, &decoded, (uint8_t *)user, coded, from))
			return;
		user[decoded] = '\0';
		colon = strchr(user, ':');
		if (colon) {
			snprintf(password, sizeof(password), "%s", colon + 1);
			*colon = '\0';
		}
	}
	t->secrets_known = redactor_add_login(&t->secrets, user, password, &ignored) == 0;
	explicit_bzero(user, sizeof(user));
	explicit_bzero(password, sizeof(password));
}

/* --- without markup --- */

static const struct {
	const char *name;
	char c;
} entities[] = {
	{ "&nbsp;", ' ' }, { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
	{ "&quot;", '"' }, { "&#39;", '\'' }, { "&apos;", '\'' },
};

/* The end of what is no text at FROM of a page: a tag, or an element whose
 * content nobody sees. FROM itself where it is text. */
static const char *skip_markup(const char *from)
{
	static const struct { const char *begin, *end; } unseen[] = {
		{ "<!--", "-->" }, { "<script", "</script>" }, { "<style", "</style>" },
		{ "<head", "</head>" }, { "<", ">" },
	};

	for (size_t i = 0; i < COUNT(unseen); i++) {
		const char *end;

		if (strncasecmp(from, unseen[i].begin, strlen(unseen[i].begin)) != 0)
			continue;
		end = strcasestr(from, unseen[i].end);
		if (end)
			return end + strlen(unseen[i].end);
		return from + strlen(from);
	}
	return from;
}

static void append(char *out, size_t out_size, size_t *used, char c)
{
	bool blank = isspace((unsigned char)c);

	if (*used + 1 >= out_size || (blank && (*used == 0 || out[*used - 1] == ' ')))
		return;
	out[(*used)++] = blank ? ' ' : c;
	out[*used] = '\0';
}

/* What TEXT says to a person, markup or not. */
static void strip(char *out, size_t out_size, const char *text)
{
	bool marked = text[strspn(text, " \t\r\n")] == '<';
	size_t used = 0;

	out[0] = '\0';
	while (*text) {
		const char *next = marked ? skip_markup(text) : text;
		size_t i = 0;

		if (next != text) {
			append(out, out_size, &used, ' ');
			text = next;
			continue;
		}
		while (i < COUNT(entities) && strncmp(text, entities[i].name, strlen(entities[i].name)) != 0)
			i++;
		if (marked && i < COUNT(entities)) {
			append(out, out_size, &used, entities[i].c);
			text += strlen(entities[i].name);
		} else {
			append(out, out_size, &used, *text++);
		}
	}
	while (used > 0 && out[used - 1] == ' ')
		out[--used] = '\0';
}

/* Nothing that a person could read. */
static bool is_binary(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)bytes[i] < 0x20 && !isspace((unsigned char)bytes[i]))
			return true;
	return false;
}

void server_said(struct transfer *t, char *out, size_t out_size)
{
	char raw[sizeof(t->said) + 1], text[sizeof(raw)];
	size_t reason = 0;

	out[0] = '\0';
	if (!t->secrets_known)
		return;
	memcpy(raw, t->said, t->said_size);
	raw[t->said_size] = '\0';
	/* the page says more than the words beside the number */
	while (!t->ftp && raw[reason] && raw[reason] != '\n')
		reason++;
	if (raw[reason] == '\n' && raw[reason + 1] &&
	    !is_binary(raw + reason + 1, t->said_size - reason - 1)) {
		strip(text, sizeof(text), raw + reason + 1);
		if (text[0]) {
			text[SAID_MAX] = '\0';
			server_words(t, out, out_size, text);
			return;
		}
	}
	if (!t->ftp)
		raw[reason] = '\0';
	strip(text, sizeof(text), raw);
	text[SAID_MAX] = '\0';
	server_words(t, out, out_size, text);
}

/* --- what it means --- */

/* Numbers that say it by themselves, RFC 2228 and RFC 4217 of FTP, RFC 2817 of
 * HTTP. VERB is the command that was answered; NULL: any. */
static const struct {
	bool ftp;
	int number;
	const char *verb;
	enum server_why why;
} numbers[] = {
	{ true, 503, "USER", WHY_TLS },	/* nothing but AUTH can come before it */
	{ true, 521, NULL, WHY_TLS },
	{ true, 522, NULL, WHY_TLS },
	{ true, 533, NULL, WHY_TLS },
	{ true, 534, NULL, WHY_TLS },
	{ false, 426, NULL, WHY_TLS },
	{ false, 497, NULL, WHY_TLS },	/* of nginx: plain HTTP came to its https port */
};

/* English stems; one of OF must begin a word, and one of AND where there are
 * any. FILE: only of what was said of a file, not of a login; LOGIN: of FTP only
 * what was said of one. A hint beside the number, which is kept; of a server in
 * another language nothing is made but its words. The first row that fits counts. */
static const struct {
	enum server_why why;
	bool file, login;
	const char *of[16], *and[12];
} words[] = {
	{ WHY_DIRECTORY, true, false, { "not a plain file", "not a regular file", "is a directory", "is a folder" }, { NULL } },
	{ WHY_MISSING, true, false, { "no such", "not found", "cannot find", "can't find", "could not find", "does not exist",
			       "doesn't exist", "not exist", "nonexist" }, { NULL } },
	{ WHY_TLS, false, false, { "tls", "ssl", "ftps", "https", "encrypt", "unencrypt", "cleartext", "clear text", "clear-text",
			    "plaintext", "plain-text", "plain ftp", "plain http", "secure connection", "secure login",
			    "auth" }, { NULL } },
	{ WHY_MANY, false, false, { "too many", "maximum", "limit reach", "limit exceed", "rate limit", "user limit",
			     "connection limit", "overload", "try again later", "try later", "capacity",
			     "concurrent", "simultaneous", "already logged in", "quota" }, { NULL } },
	/* of a file it is the file that is busy, RFC 959 */
	{ WHY_MANY, false, true, { "busy" }, { NULL } },
	{ WHY_ACCOUNT, false, false, { "account", "user", "login", "password", "subscription", "licen" },
	  { "expired", "disabled", "locked", "closed", "suspended", "inactive", "deactivated", "blocked", "revoked",
	    "terminated" } },
	{ WHY_ADDRESS, false, false, { "address", "ip", "host", "network", "region", "country", "location" },
	  { "allowed", "denied", "banned", "blocked", "blacklist", "permitted", "restricted", "refused", "forbidden" } },
	{ WHY_ACCESS, false, false, { "permission", "denied", "not permitted", "not allowed", "forbidden", "unauthori",
			       "privilege", "no rights", "not authori", "no access" }, { NULL } },
};

/* Does a word of TEXT, in lower case, begin with STEM? */
static bool has_stem(const char *text, const char *stem)
{
	for (const char *at = text; (at = strstr(at, stem)); at++)
		if ((at == text || !isalnum((unsigned char)at[-1])) &&
		    /* short ones are whole words */
		    (strlen(stem) > 4 || !isalpha((unsigned char)at[strlen(stem)])))
			return true;
	return false;
}

static bool has_one(const char *text, const char *const *stems, size_t count)
{
	for (size_t i = 0; i < count && stems[i]; i++)
		if (has_stem(text, stems[i]))
			return true;
	return false;
}

/* Whether WHY can be: a server that is spoken to with TLS does not ask for it. */
static bool can_be(const struct transfer *t, enum server_why why)
{
	char *scheme = NULL;
	bool encrypted = t->tls;

	if (why != WHY_TLS)
		return true;
	curl_url_get(t->url, CURLUPART_SCHEME, &scheme, 0);
	encrypted |= scheme && (strcmp(scheme, "https") == 0 || strcmp(scheme, "ftps") == 0);
	curl_free(scheme);
	return !encrypted;
}

/* Blank what names files in TEXT: "/secure/limit.bin: ..." says nothing of either. */
static void forget_names(char *text)
{
	while (*text) {
		size_t size = strcspn(text, " \t"), dot = strcspn(text, ".\\"), quotes = strspn(text, "\"'(");

		if (text[quotes] == '/' || (dot + 1 < size && isalnum((unsigned char)text[dot + 1])))
			memset(text, '-', size);
		text += size;
		text += strspn(text, " \t");
	}
}

bool server_is_early(const struct transfer *t)
{
	static const char *const verbs[] = { "", "AUTH", "PBSZ", "PROT", "USER", "PASS", "ACCT", "PWD" };

	for (size_t i = 0; t->ftp && i < COUNT(verbs); i++)
		if (strcmp(t->verb, verbs[i]) == 0)
			return true;
	return false;
}

enum server_why server_why(struct transfer *t, long number)
{
	char text[SAID_MAX * 4];
	bool early = server_is_early(t);

	for (size_t i = 0; i < COUNT(numbers); i++)
		if (numbers[i].ftp == t->ftp && numbers[i].number == number &&
		    (!numbers[i].verb || strcmp(numbers[i].verb, t->verb) == 0) && can_be(t, numbers[i].why))
			return numbers[i].why;
	/* pages about the address asked for say all kinds of things */
	if (!t->ftp && number != 400 && number != 401 && number != 403 && number != 503)
		return WHY_UNTOLD;
	server_said(t, text, sizeof(text));
	forget_names(text);
	for (char *c = text; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	for (size_t i = 0; i < COUNT(words); i++)
		if (!(words[i].file && early) && !(words[i].login && t->ftp && !early) && has_one(text, words[i].of, COUNT(words[i].of)) &&
		    (!words[i].and[0] || has_one(text, words[i].and, COUNT(words[i].and))) && can_be(t, words[i].why))
			return words[i].why;
	return WHY_UNTOLD;
}
