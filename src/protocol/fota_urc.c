#include "config.h"

#include "protocol/fota_urc.h"

#include <limits.h>
#include <string.h>

#include "base/text.h"

/* protocol.md 3.1: ^(FTP|HTTPS?|FILE|COM|DOWNLOAD)[ _]?(S?TART|END)$
 * HTTPS before HTTP: "HTTPSTART" fits either, "HTTPSSTART" and "HTTPSEND" only this one. */
static const struct {
	const char *name;
	enum fota_source source;
} sources[] = {
	{ "FTP", FOTA_SOURCE_FTP },
	{ "HTTPS", FOTA_SOURCE_HTTP },
	{ "HTTP", FOTA_SOURCE_HTTP },
	{ "FILE", FOTA_SOURCE_FILE },
	{ "COM", FOTA_SOURCE_COM },
	{ "DOWNLOAD", FOTA_SOURCE_DOWNLOAD },
};

static const struct {
	const char *keyword;
	enum fota_kind kind;
} keywords[] = {
	{ "START", FOTA_START },
	{ "UPDATING", FOTA_UPDATING },
	{ "RESTORE", FOTA_RESTORE },
	{ "DOWNLOADING", FOTA_DOWNLOADING },
	{ "END", FOTA_END },
};

/* BG96 DFOTA guide; the words after the comma are not relied upon. */
static const char resumed[] = "Last upgrade was not finished";

static enum fota_kind stage_end(struct slice rest)
{
	if (rest.size > 0 && (rest.data[0] == ' ' || rest.data[0] == '_')) {
		rest.data++;
		rest.size--;
	}
	if (slice_is(rest, "START") || slice_is(rest, "TART"))
		return FOTA_SOURCE_START;
	if (slice_is(rest, "END"))
		return FOTA_SOURCE_END;
	return FOTA_NONE;
}

static void find_kind(struct fota_urc *urc, struct slice k)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		if (slice_is(k, keywords[i].keyword)) {
			urc->kind = keywords[i].kind;
			return;
		}
	}
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		size_t size = strlen(sources[i].name);

		if (!slice_begins(k, sources[i].name))
			continue;
		urc->kind = stage_end((struct slice){ k.data + size, k.size - size });
		if (urc->kind != FOTA_NONE) {
			urc->source = sources[i].source;
			return;
		}
	}
	if (slice_begins(k, resumed))
		urc->kind = FOTA_RESUMED;
}

/* protocol.md 3.1: `[ ]*digits[ ]*%?`. */
static struct slice without_sign(struct slice field)
{
	if (field.size > 0 && field.data[field.size - 1] == '%')
		field.size--;
	return slice_trim(field);
}

static bool all_digits(struct slice s)
{
	for (size_t i = 0; i < s.size; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
	}
	return s.size > 0;
}

/* A percent is for display only, so one that is a whole number but outside
 * 0..100 still has a value: the nearer end. */
static void read_percent(struct fota_urc *urc, struct slice field)
{
	struct slice digits = without_sign(field);
	bool negative = digits.size > 0 && digits.data[0] == '-';

	if (negative) {
		digits.data++;
		digits.size--;
	}
	if (!all_digits(digits))
		return;
	urc->has_value = true;
	urc->out_of_range = negative ||
			    !slice_number(digits, 0, 100, &urc->value);
	if (urc->out_of_range)
		urc->value = negative ? 0 : 100;
}

static void read_value(struct fota_urc *urc, struct at_fields *f)
{
	struct slice field;
	long reply;

	if (!at_field_any(f, &field))
		return;
	switch (urc->kind) {
	case FOTA_UPDATING:
	case FOTA_RESTORE:
		read_percent(urc, field);
		break;
	case FOTA_DOWNLOADING:
		urc->has_value = slice_number(without_sign(field), 0, LONG_MAX,
					      &urc->value);
		break;
	case FOTA_SOURCE_END:
		urc->has_value = slice_number(field, 0, INT_MAX, &urc->value);
		/* <protocol_error>, the server's reply (protocol.md 5.1) */
		if (f->more && !at_field_number(f, 0, INT_MAX, &reply))
			urc->has_value = false;
		break;
	case FOTA_END:
		urc->has_value = slice_number(field, 0, INT_MAX, &urc->value);
		break;
	case FOTA_NONE:
	case FOTA_SOURCE_START:
	case FOTA_START:
	case FOTA_RESUMED:
		return;
	}
	if (f->more)
		urc->has_value = false;
}

bool fota_parse(struct slice line, struct fota_urc *urc)
{
	struct at_fields f = at_fields(slice_trim(line), "+QIND:");
	struct slice tag, keyword;

	*urc = (struct fota_urc){ .kind = FOTA_NONE };
	if (!at_field_string(&f, &tag) || !slice_is(tag, "FOTA"))
		return false;
	if (at_field_string(&f, &keyword)) {
		text_safe(urc->keyword, sizeof(urc->keyword), keyword.data, keyword.size);
		find_kind(urc, keyword);
		read_value(urc, &f);
	}
	return true;
}
