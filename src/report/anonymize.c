#include "config.h"

#include "report/anonymize.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"

#define NAMES 512
#define NAME_SIZE 128
#define IDENTITY_DIGITS 14	/* IMEI, IMSI, ICCID have so many or more */
#define TAC_DIGITS 8		/* of an IMEI: they name the type, not the module */
#define DIGEST_DIGITS 32	/* so many hex digits in one are a digest */

enum kind { KIND_IMEI, KIND_IMSI, KIND_ICCID, KIND_NUMBER, KIND_PHONE, KIND_ADDRESS, KIND_HOST, KIND_USER, KIND_SERIAL, KIND_COUNT };

static const struct {
	const char *stand_in;
	size_t least;		/* shorter ones name nobody */
	/* bytes beside which it is a part of something else */
	const char *not_before, *not_after;
} kinds[] = {
	[KIND_IMEI] = { "imei", IDENTITY_DIGITS, "", "" },
	[KIND_IMSI] = { "imsi", IDENTITY_DIGITS, "", "" },
	[KIND_ICCID] = { "iccid", IDENTITY_DIGITS, "", "" },
	[KIND_NUMBER] = { "number", IDENTITY_DIGITS, "", "" },
#define DIGITS "0123456789"
#define HEX DIGITS "abcdefABCDEF"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	[KIND_PHONE] = { "phone", 7, DIGITS, DIGITS },
	[KIND_ADDRESS] = { "address", 3, HEX ".:", HEX ":" },
	[KIND_HOST] = { "host", 1, LETTERS DIGITS "-_", LETTERS DIGITS "-_" },
	[KIND_USER] = { "user", 1, NULL, LETTERS DIGITS "-_" },	/* only as a part of a path */
	[KIND_SERIAL] = { "serial", 4, "", "" },
};

struct name {
	enum kind kind;
	char text[NAME_SIZE];
	size_t size;
	unsigned number;	/* of its stand-in; 0: not shown yet */
};

struct names {
	struct name rows[NAMES];
	size_t count;
	unsigned shown[KIND_COUNT];
	bool read;		/* the record was looked at; what comes now is to be shown */
};

/* A row for one more name. When all are taken: while the record is read, none;
 * later one that was not shown, or else the last, which then gets another
 * stand-in when it comes again. */
static struct name *free_row(struct names *n)
{
	size_t i = NAMES - 1;

	if (n->count < NAMES)
		return &n->rows[n->count++];
	if (!n->read)
		return NULL;
	while (i > NAMES / 2 && n->rows[i].number)
		i--;
	return n->rows[i].number ? &n->rows[NAMES - 1] : &n->rows[i];
}

static void learn(struct names *n, enum kind kind, const char *text, size_t size)
{
	struct name *row;

	if (size < kinds[kind].least || size >= NAME_SIZE)
		return;
	for (size_t i = 0; i < n->count; i++)
		if (n->rows[i].size == size && !memcmp(n->rows[i].text, text, size))
			return;
	row = free_row(n);
	if (!row)
		return;
	*row = (struct name){ .kind = kind, .size = size };
	memcpy(row->text, text, size);
}

static void learn_text(struct names *n, enum kind kind, const char *text)
{
	learn(n, kind, text, strlen(text));
}

/* --- what looks like a name */

static bool is_alnum(char c)
{
	return isalnum((unsigned char)c) && (unsigned char)c < 0x80;
}

static size_t span(const char *p, const char *set)
{
	return strspn(p, set);
}

/* The digits at P within TEXT are of a digest. */
static bool in_digest(const char *text, const char *p)
{
	const char *begin = p;

	while (begin > text && is_alnum(begin[-1]))
		begin--;
	return span(begin, HEX) >= DIGEST_DIGITS && !is_alnum(begin[span(begin, HEX)]);
}

static bool says_imei(const char *text, const char *p)
{
	return p - text >= 5 && !strncasecmp(p - 5, "IMEI ", 5);
}

/* Long numbers: of a module, of a SIM, or who knows of what. */
static void learn_identity(struct names *n, const char *text, const char *p, size_t size)
{
	enum kind kind = KIND_NUMBER;

	if (size < IDENTITY_DIGITS || in_digest(text, p))
		return;
	if (says_imei(text, p) && size <= 17)
		kind = KIND_IMEI;
	else if (size >= 18 && p[0] == '8' && p[1] == '9')
		kind = KIND_ICCID;
	else if (size == 15)
		kind = KIND_IMSI;
	if (kind == KIND_ICCID && (p[size] == 'F' || p[size] == 'f'))
		size++;
	learn(n, kind, p, size);
}

/* "+4917012345", "017012345", ATD017012345. */
static void learn_phone(struct names *n, const char *text, const char *p, size_t size)
{
	bool plus = p > text && p[-1] == '+' && (p - 1 == text || !is_alnum(p[-2]));
	bool quoted = p > text && p[-1] == '"' && p[size] == '"';
	bool dialled = p - text >= 3 && !strncasecmp(p - 3, "ATD", 3);

	if (size <= 15 && (plus || quoted || dialled))
		learn(n, KIND_PHONE, p, size);
}

/* Four numbers up to 255 with dots between, or more of them: an IPv6 address as
 * 3GPP TS 27.007 writes it. */
static size_t dotted(const char *p)
{
	size_t used = 0;
	int groups = 0;

	for (;;) {
		size_t digits = span(p + used, DIGITS);

		if (digits < 1 || digits > 3 || (digits > 1 && p[used] == '0') || atoi(p + used) > 255)
			return 0;
		used += digits;
		groups++;
		if (p[used] != '.' || !span(p + used + 1, DIGITS))
			break;
		used++;
	}
	return groups >= 4 ? used : 0;
}

/* An IPv6 or a hardware address. */
static size_t coloned(const char *p)
{
	size_t size = span(p, HEX ":"), colons = 0, group = 0;
	bool gap = false;

	for (size_t i = 0; i < size; i++) {
		group = p[i] == ':' ? 0 : group + 1;
		colons += p[i] == ':';
		gap |= p[i] == ':' && p[i + 1] == ':';
		if (group > 4)
			return 0;
	}
	while (size > 1 && p[size - 1] == ':' && p[size - 2] != ':') {
		size--;
		colons--;
	}
	if (is_alnum(p[size]) || size < 3)
		return 0;
	return gap || colons == 7 || (colons == 5 && size == 17) ? size : 0;
}

static void learn_address(struct names *n, const char *text, const char *p)
{
	char before = p > text ? p[-1] : ' ';

	/* "foo/1.2.3.4" is a version */
	if (is_alnum(before) || before == '_' || before == '.' || before == ':' ||
	    (before == '/' && p - text >= 2 && is_alnum(p[-2])))
		return;
	learn(n, KIND_ADDRESS, p, dotted(p));
	learn(n, KIND_ADDRESS, p, coloned(p));
}

/* Behind "://", or "tcp:" and its like. */
static void learn_host(struct names *n, const char *p)
{
	size_t all = strcspn(p, "/?#\"' \\"), size;
	const char *at = memrchr(p, '@', all);

	if (at) {
		all -= (size_t)(at + 1 - p);
		p = at + 1;
	}
	size = *p == '[' ? 0 : strcspn(p, ":/?#\"' \\");
	if (size > all)
		size = all;
	if (!dotted(p) && !coloned(p))
		learn(n, KIND_HOST, p, size);
}

static bool follows(const char *text, const char *p, const char *what)
{
	size_t size = strlen(what);

	return (size_t)(p - text) >= size && !memcmp(p - size, what, size);
}

/* tcp:, telnet: or rfc2217:, as a word. */
static bool follows_kind(const char *text, const char *p)
{
	const char *begin = p;

	if (begin == text || begin[-1] != ':')
		return false;
	for (begin--; begin > text && is_alnum(begin[-1]); begin--)
		;
	return address_of_port(begin) == p;
}

static void learn_part(struct names *n, const char *text, const char *p)
{
	static const char *const homes[] = { "/home/", "/Users/", "/media/" };
	size_t size = strcspn(p, "/\"' :;,)");

	for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++)
		if (follows(text, p, homes[i]))
			learn(n, KIND_USER, p, size);
	if (follows(text, p, "://") || follows_kind(text, p))
		learn_host(n, p);
	/* usb-MAKER_PRODUCT_SERIAL-if00 */
	if (follows(text, p, "/by-id/")) {
		const char *end = memmem(p, size, "-if", 3), *begin;

		begin = end ? memrchr(p, '_', (size_t)(end - p)) : NULL;
		if (begin)
			learn(n, KIND_SERIAL, begin + 1, (size_t)(end - begin - 1));
	}
}

static void learn_all(struct names *n, const char *text)
{
	for (const char *p = text; *p; p++) {
		bool first = p == text || !isdigit((unsigned char)p[-1]);

		if (isdigit((unsigned char)*p) && first) {
			learn_identity(n, text, p, span(p, DIGITS));
			learn_phone(n, text, p, span(p, DIGITS));
		}
		if (isxdigit((unsigned char)*p) || *p == ':')
			learn_address(n, text, p);
		learn_part(n, text, p);
	}
}

/* --- what the record says are names */

static void learn_module(struct names *n, const struct identity *id)
{
	learn_text(n, KIND_IMEI, id->imei);
	if (strcmp(id->serial, id->version) != 0)
		learn_text(n, KIND_SERIAL, id->serial);
}

static void learn_event(struct names *n, const struct event *ev, bool *asked_imei)
{
	char said[2 * TEXT_SIZE];
	const char *text = ev->line.text;

	switch (ev->type) {
	case EVENT_IDENTITY:
		learn_module(n, &ev->identity);
		break;
	case EVENT_QUESTION:
		learn_module(n, &ev->question.module);
		break;
	case EVENT_INTENT:
		learn_module(n, &ev->intent.module);
		break;
	case EVENT_LINE:
		if (ev->line.dir == LINE_TX)
			*asked_imei = !strcmp(text, "AT+GSN") || !strcmp(text, "AT+CGSN");
		else if (*asked_imei && span(text, DIGITS) == strlen(text))
			learn_text(n, KIND_IMEI, text);
		learn_all(n, text);
		break;
	case EVENT_NOTICE:
		learn_all(n, message_text(&ev->notice.message, FOR_RECORD, said, sizeof(said)));
		break;
	case EVENT_STEP:
	case EVENT_PROGRESS:
	case EVENT_RESULT:
	case EVENT_PORT:
	case EVENT_PACKAGE:
	case EVENT_DATA:
	case EVENT_ANSWER:
	case EVENT_RECORD:
	case EVENT_PLAN:
	case EVENT_SETTING:
	case EVENT_BEGIN:
	case EVENT_CHECKS:
	case EVENT_START:
	case EVENT_RESUMED:
	case EVENT_CLOSED:
	case EVENT_SHOWN:
	case EVENT_GAP:
	case EVENT_COUNT:
		break;
	}
}

struct names *names_read(struct record *r)
{
	const struct job_start *h = record_start(r);
	struct names *n = calloc(1, sizeof(*n));
	uint64_t at = UINT64_MAX;
	bool asked_imei = false;
	struct event ev;

	if (!n)
		return NULL;
	learn_text(n, KIND_IMEI, h->plan.imei);
	/* before the lines: what they show of them is known then */
	while (record_find(r, at, false, 1U << EVENT_IDENTITY | 1U << EVENT_QUESTION | 1U << EVENT_INTENT, false, &at))
		if (record_event(r, at, &ev))
			learn_event(n, &ev, &asked_imei);
	/* the module at hand is number 1 */
	for (size_t i = 0; i < n->count; i++)
		n->rows[i].number = ++n->shown[n->rows[i].kind];
	learn_text(n, KIND_HOST, h->by.host);
	learn_all(n, h->plan.url);
	learn_all(n, h->plan.publish);
	learn_all(n, h->plan.port);
	learn_all(n, h->plan.file);
	for (at = UINT64_MAX; record_find(r, at, false, 1U << EVENT_LINE | 1U << EVENT_NOTICE, false, &at);)
		if (record_event(r, at, &ev))
			learn_event(n, &ev, &asked_imei);
	n->read = true;
	return n;
}

void names_free(struct names *n)
{
	free(n);
}

/* --- stand-ins */

static bool stands_at(const struct name *name, const char *text, const char *p)
{
	const char *not_before = kinds[name->kind].not_before;

	if (strncmp(p, name->text, name->size) != 0)
		return false;
	if (p[name->size] && strchr(kinds[name->kind].not_after, p[name->size]))
		return false;
	if (!not_before)
		return p > text && p[-1] == '/';
	return p == text || !strchr(not_before, p[-1]);
}

/* The longest name that stands at P in TEXT; NULL: none. */
static struct name *find_name(struct names *n, const char *text, const char *p)
{
	struct name *found = NULL;

	for (size_t i = 0; i < n->count; i++)
		if ((!found || n->rows[i].size > found->size) && stands_at(&n->rows[i], text, p))
			found = &n->rows[i];
	return found;
}

static size_t put_stand_in(struct names *n, struct name *name, char *out, size_t size)
{
	if (!name->number)
		name->number = ++n->shown[name->kind];
	return (size_t)snprintf(out, size, "%.*s%s%s-%u", name->kind == KIND_IMEI ? TAC_DIGITS : 0, name->text,
				name->kind == KIND_IMEI ? "-" : "", kinds[name->kind].stand_in, name->number);
}

char *names_replace(struct names *n, char *out, size_t size, const char *text)
{
	size_t used = 0;

	learn_all(n, text);
	for (const char *p = text; *p && used + 1 < size;) {
		struct name *name = find_name(n, text, p);

		if (name) {
			used += put_stand_in(n, name, out + used, size - used);
			p += name->size;
		} else {
			out[used++] = *p++;
		}
	}
	out[used < size ? used : size - 1] = '\0';
	return out;
}
