#include "config.h"

#include "base/redact.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <nettle/base64.h>

#include "base/count.h"
#include "base/url.h"

void redactor_init(struct redactor *r)
{
	memset(r, 0, sizeof(*r));
}

/* Longest secret as given; percent-encoded it must fit REDACTOR_SECRET_SIZE. */
#define SECRET_MAX 127

static int add_spelling(struct redactor *r, const char *text, size_t size,
			struct err *e)
{
	assert(size <= REDACTOR_SECRET_SIZE);
	for (size_t i = 0; i < r->count; i++) {
		if (r->secrets[i].size == size &&
		    memcmp(r->secrets[i].text, text, size) == 0)
			return 0;
	}
	if (r->count == REDACTOR_SECRETS)
		return err_fail(e, MSG_SECRETS_MANY, "most=%d", REDACTOR_SECRETS);
	memcpy(r->secrets[r->count].text, text, size);
	r->secrets[r->count].size = size;
	r->head[r->count] = 0;
	r->count++;
	return 0;
}

/* RFC 3986 2.3, and KEEP; C is no NUL. */
static bool stays_plain(char c, const char *keep)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       strchr("-._~", c) != NULL || strchr(keep, c) != NULL;
}

static size_t percent_encode(char *out, const char *in, size_t size,
			     const char *keep, const char *hex)
{
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)in[i];

		if (stays_plain(in[i], keep)) {
			out[used++] = in[i];
			continue;
		}
		out[used++] = '%';
		out[used++] = hex[byte >> 4];
		out[used++] = hex[byte & 15];
	}
	return used;
}

static int add_spellings(struct redactor *r, const char *secret, size_t size,
			 struct err *e)
{
	/* RFC 3986 3.2.1 and 3.3: what userinfo and a path may hold as it is, and what
	 * encoders leave of either */
	static const char *const keeps[] = { "", "/", "!$&'()*+,;=:", "!$&'()*+,;=:@/" };
	static const char *const hexes[] = { "0123456789ABCDEF", "0123456789abcdef" };
	char spelling[REDACTOR_SECRET_SIZE];

	static_assert(3 * SECRET_MAX <= REDACTOR_SECRET_SIZE, "all bytes encoded");
	if (add_spelling(r, secret, size, e) < 0)
		return -1;
	for (size_t k = 0; k < COUNT(keeps); k++) {
		for (size_t h = 0; h < COUNT(hexes); h++) {
			size_t used = percent_encode(spelling, secret, size,
						     keeps[k], hexes[h]);

			if (add_spelling(r, spelling, used, e) < 0)
				return -1;
		}
	}
	return 0;
}

/* base64 of "USER:PASSWORD" without the padding, so that a text with or without
 * it is found. */
static int add_basic(struct redactor *r, const char *user, const char *password, struct err *e)
{
	char login[2 * SECRET_MAX + 2];
	char encoded[BASE64_ENCODE_RAW_LENGTH(sizeof(login))];
	size_t size = (size_t)snprintf(login, sizeof(login), "%s:%s", user, password);

	static_assert(sizeof(encoded) <= REDACTOR_SECRET_SIZE, "base64 fits");
	base64_encode_raw(encoded, size, (const uint8_t *)login);
	return add_spelling(r, encoded, (size * 8 + 5) / 6, e);
}

int redactor_add_login(struct redactor *r, const char *user,
		       const char *password, struct err *e)
{
	size_t before = r->count;
	size_t user_size = strlen(user);
	size_t password_size = strlen(password);

	if (password_size == 0)
		return 0;
	if (user_size > SECRET_MAX)
		return err_fail(e, MSG_SECRET_USER_LONG, "size=%zu most=%d", user_size, SECRET_MAX);
	if (password_size > SECRET_MAX)
		return err_fail(e, MSG_SECRET_PASSWORD_LONG, "size=%zu most=%d", password_size,
				SECRET_MAX);
	if (add_spellings(r, password, password_size, e) < 0 ||
	    add_basic(r, user, password, e) < 0) {
		r->count = before;
		return -1;
	}
	return 0;
}

/* A line and, for each of its bytes, whether it is to be hidden. */
struct masked {
	const char *text;
	size_t size;
	bool hide[REDACTOR_LINE_MAX];
};

static void hide(struct masked *m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		m->hide[i] = true;
}

/* How many bytes of the secret stand at START of what the last line left over
 * (HEAD bytes of the secret itself) and the line after it. */
static size_t match(const char *secret, size_t size, size_t head,
		    const struct masked *m, size_t start)
{
	size_t n = 0;

	while (n < size && start + n < head + m->size) {
		size_t i = start + n;
		char c = i < head ? secret[i] : m->text[i - head];

		if (c != secret[n])
			break;
		n++;
	}
	return n;
}

/* Hide secret K, also where it began on the line before or may go on in the
 * next: then from its second byte on, as one byte says nothing. */
static void hide_secret(struct redactor *r, size_t k, struct masked *m)
{
	const char *secret = r->secrets[k].text;
	size_t size = r->secrets[k].size;
	size_t head = r->head[k];
	size_t total = head + m->size;

	r->head[k] = 0;
	for (size_t start = 0; start < total; start++) {
		const char *next;
		size_t n, from;

		if (start >= head) {	/* to where it may begin */
			next = memchr(m->text + start - head, secret[0], total - start);
			if (!next)
				return;
			start = head + (size_t)(next - m->text);
		}
		n = match(secret, size, head, m, start);
		from = start > head ? start - head : 0;
		if (n == size) {
			hide(m, from, start + n - head);
		} else if (start + n == total) {
			r->head[k] = n;
			if (n >= 2)
				hide(m, from, m->size);
			return;
		}
	}
}

/* Not so a control byte: noise of the line in the middle of a login. */
static bool ends_url(char c)
{
	return c == '"' || c == ' ' || c == '\t';
}

/* The userinfo of what stands from FROM to TO, an authority and what follows it: all that
 * may be a login, but for the colon that parts user and password. */
static void hide_login(struct masked *m, size_t from, size_t to)
{
	const char *end = url_login_end(m->text + from, to - from, m->hide + from);
	size_t at = end ? (size_t)(end - m->text) : from;
	const char *sign = memchr(m->text + from, ':', at - from);
	size_t colon = sign ? (size_t)(sign - m->text) : at;

	hide(m, from, colon);
	if (colon < at)
		hide(m, colon + 1, at);
}

/* After every ":/", "://" or ":///", which all mean a host to libcurl. What is hidden ends
 * nothing, neither a URL nor its userinfo: so this comes after all else that hides, and goes
 * from the last URL to the first, which may hold it. */
static void hide_userinfo(struct masked *m)
{
	for (size_t i = m->size; i-- > 0;) {
		size_t from = i + 2, to;

		if (from >= m->size || m->text[i] != ':' || m->text[i + 1] != '/')
			continue;
		while (from < m->size && m->text[from] == '/')
			from++;
		for (to = from; to < m->size && (m->hide[to] || !ends_url(m->text[to])); to++)
			;
		hide_login(m, from, to);
	}
}

/* Commands and answers with a secret among their fields. */
static const struct redactor_rule {
	const char *keyword;	/* in any case, anywhere: an echo may be doubled or lack its begin */
	const char *signs;	/* = or :, one of which follows it */
	int first, count;	/* the fields to hide, counted from 0 */
	bool after_numbers;	/* counted from the first field that is no number */
	bool named;		/* only when field 0 names a secret */
} rules[] = {
	/* protocol.md 7: <cid>,1,"apn","user","pass",<auth> and, in the answer, 1,"apn","user","pass",<auth> */
	{ "QICSGP", "=:", .first = 1, .count = 2, .after_numbers = true },
	/* 3GPP TS 27.007 10.1.31: <cid>,<auth>,<user>,<password> */
	{ "CGAUTH", "=:", .first = 2, .count = 2 },
	/* 3GPP TS 27.007 8.3: <pin>[,<newpin>] */
	{ "CPIN", "=", .first = 0, .count = 2 },
	/* 3GPP TS 27.007 7.4: <fac>,<mode>,<passwd> */
	{ "CLCK", "=", .first = 2, .count = 1 },
	/* 3GPP TS 27.007 7.5: <fac>,<oldpwd>,<newpwd> */
	{ "CPWD", "=", .first = 1, .count = 2 },
	/* AT+QFTPCFG="account",<user>,<password> (UGxx FTP manual) and the like */
	{ "CFG", "=:", .first = 1, .count = 8, .named = true },
};

static const char *const secret_names[] = {
	"account", "auth", "key", "pass", "psk", "pwd", "secret", "sig", "token",
};

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool begins_with(const struct masked *m, size_t at, const char *text)
{
	for (; *text != '\0'; text++, at++) {
		if (at >= m->size || lower(m->text[at]) != lower(*text))
			return false;
	}
	return true;
}

static bool names_secret(const struct masked *m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		for (size_t k = 0; k < COUNT(secret_names); k++) {
			if (begins_with(m, i, secret_names[k]))
				return true;
		}
	}
	return false;
}

static bool is_number(const struct masked *m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if ((m->text[i] < '0' || m->text[i] > '9') && m->text[i] != ' ')
			return false;
	}
	return to > from;
}

/* The values in the query of a URL whose names say that they admit somebody. */
static void hide_query(struct masked *m)
{
	size_t name = 0, to;	/* 0: what stands here is no name */

	for (size_t i = 0; i < m->size; i++) {
		if (m->text[i] == '?' || m->text[i] == '&')
			name = i + 1;
		else if (ends_url(m->text[i]))
			name = 0;
		if (m->text[i] != '=' || !name || !names_secret(m, name, i))
			continue;
		for (to = i + 1; to < m->size && m->text[to] != '&' && !ends_url(m->text[to]); to++)
			;
		hide(m, i + 1, to);
		name = 0;
	}
}

/* Hide a field but not its quotes, nor the question of AT+CPIN=?. */
static void hide_field(struct masked *m, size_t from, size_t to)
{
	while (from < to && m->text[from] == ' ')
		from++;
	while (to > from && m->text[to - 1] == ' ')
		to--;
	if (from < to && m->text[from] == '"')
		from++;
	if (to > from && m->text[to - 1] == '"')
		to--;
	if (to - from != 1 || m->text[from] != '?')
		hide(m, from, to);
}

/* Go through the fields from AT on and hide those that F's rule names. Leaves
 * in F where the line broke off; F->rule is NULL when all were seen. */
static void hide_fields(struct redactor_fields *f, struct masked *m, size_t at)
{
	const struct redactor_rule *rule = f->rule;

	for (;; f->field++) {
		size_t from = at;

		while (at < m->size &&
		       (f->quoted || (m->text[at] != ',' && m->text[at] != ';'))) {
			if (m->text[at] == '"')
				f->quoted = !f->quoted;
			at++;
		}
		if (rule->after_numbers && f->base < 0 && !is_number(m, from, at))
			f->base = f->field;
		int index = f->field - f->base;

		if (f->base >= 0 && index >= rule->first)
			hide_field(m, from, at);
		bool wrong = rule->named && f->field == 0 && !names_secret(m, from, at);
		bool last = f->base >= 0 && index + 1 == rule->first + rule->count;

		if (at == m->size && !wrong && (f->quoted || !last || from == at))
			return;
		if (at == m->size || m->text[at] == ';' || wrong || last)
			break;
		at++;
	}
	f->rule = NULL;
}

/* Is LINE the rest of what the last one broke off: the end of a quoted field,
 * or the next field? */
static bool goes_on(const struct redactor_fields *f, const struct masked *m)
{
	if (f->rule == NULL || m->size == 0)
		return false;
	if (f->quoted)
		return memchr(m->text, '"', m->size) != NULL;
	return m->text[0] == ',' || m->text[0] == '"';
}

static void hide_rules(struct redactor *r, struct masked *m)
{
	struct redactor_fields *f = &r->fields;
	size_t at = 0;

	if (goes_on(f, m)) {
		if (!f->quoted && m->text[0] == ',') {
			f->field++;
			at = 1;
		}
		hide_fields(f, m, at);
	} else if (m->size > 0) {
		f->rule = NULL;
	}
	/* by the sign, of which most lines have one or none */
	for (size_t sign = 0; sign < m->size; sign++) {
		if (m->text[sign] != '=' && m->text[sign] != ':')
			continue;
		for (size_t k = 0; k < COUNT(rules); k++) {
			size_t size = strlen(rules[k].keyword);

			if (strchr(rules[k].signs, m->text[sign]) == NULL || size > sign ||
			    !begins_with(m, sign - size, rules[k].keyword))
				continue;
			*f = (struct redactor_fields){
				.rule = &rules[k],
				.base = rules[k].after_numbers ? -1 : 0,
			};
			hide_fields(f, m, sign + 1);
		}
	}
}

static void begin_mask(struct masked *m, const void *in, size_t size)
{
	m->text = in;
	m->size = size < REDACTOR_LINE_MAX ? size : REDACTOR_LINE_MAX;
	memset(m->hide, 0, m->size);
}

/* Copy M with three stars in place of every hidden run. */
static size_t render(char *out, size_t out_size, const struct masked *m)
{
	size_t used = 0;
	bool hidden = false;

	assert(out_size > 0);
	for (size_t i = 0; i < m->size; i++) {
		bool first = m->hide[i] && !hidden;

		hidden = m->hide[i];
		for (int stars = first ? 3 : 0; stars > 0 && used + 1 < out_size; stars--)
			out[used++] = '*';
		if (!hidden && used + 1 < out_size)
			out[used++] = m->text[i];
	}
	out[used] = '\0';
	return used;
}

size_t redact(struct redactor *r, char *out, size_t out_size, const void *in,
	      size_t size)
{
	struct masked m;

	begin_mask(&m, in, size);
	for (size_t k = 0; k < r->count; k++)
		hide_secret(r, k, &m);
	hide_query(&m);
	hide_rules(r, &m);
	hide_userinfo(&m);
	return render(out, out_size, &m);
}

size_t redact_url(char *out, size_t out_size, const char *in)
{
	struct masked m;
	size_t scheme = strspn(in, URL_SCHEME_SIGNS);

	begin_mask(&m, in, strlen(in));
	/* as above, one slash is enough for a host, and many begin one */
	scheme = strncmp(in + scheme, ":/", 2) == 0 ? scheme + 1 + strspn(in + scheme + 1, "/") : 0;
	hide_query(&m);
	hide_login(&m, scheme < m.size ? scheme : m.size, m.size);
	return render(out, out_size, &m);
}
