#include "config.h"

#include "pane.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cells.h"
#include "text.h"

#define LABEL_WIDTH 9

enum place { WHOLE, LEFT_HALF, RIGHT_HALF };

/* The fields in the order of the cursor. A source shows those it needs. */
static const struct item {
	const char *label;
	size_t offset, room;	/* in struct plan */
	bool secret, file;
	enum history_kind history;
	const char *empty;	/* shown dim while nothing is typed */
	bool push, pull;
	int row;
	enum place place;
} items[] = {
	{ "Source", 0, 0, false, false, HISTORY_KINDS, "", true, true, 0, WHOLE },
#define FIELD(member) offsetof(struct plan, member), sizeof(((struct plan *)0)->member)
	{ "URL", FIELD(url), false, false, HISTORY_URL, "(of the package)", false, true, 1, WHOLE },
	{ "User", FIELD(user), false, false, HISTORY_USER, "(none)", false, true, 2, LEFT_HALF },
	{ "Password", FIELD(password), true, false, HISTORY_KINDS, "(none)", false, true, 2, RIGHT_HALF },
	{ "Manifest", FIELD(manifest), false, true, HISTORY_FILE, "(none)", false, true, 3, LEFT_HALF },
	{ "Target", FIELD(target), false, false, HISTORY_TARGET, "(manifest)", false, true, 3, RIGHT_HALF },
	{ "File", FIELD(file), false, true, HISTORY_FILE, "(of the package; Tab completes)", true, false, 1, WHOLE },
	{ "Manifest", FIELD(manifest), false, true, HISTORY_FILE, "(FILE.manifest, if there is one)",
	  true, false, 2, WHOLE },
	{ "Target", FIELD(target), false, false, HISTORY_TARGET, "(as the manifest says)", true, false, 3, WHOLE },
#undef FIELD
};
#define ITEM_COUNT (sizeof(items) / sizeof(items[0]))
#define DELIVER_ROW 4
#define SUMMARY_ROW 5

static const char *const source_names[] = {
	[SOURCE_FTP] = "FTP",
	[SOURCE_HTTP] = "HTTP",
	[SOURCE_FILE] = "Local file",
};

static bool shown(const struct view *v, const struct item *item)
{
	return v->source == SOURCE_FILE ? item->push : item->pull;
}

static const char *value(const struct view *v, const struct item *item)
{
	return (const char *)&v->plan + item->offset;
}

static bool under_cursor(const struct view *v, const struct item *item)
{
	return v->focus == PANE_SOURCE && &items[v->item] == item;
}

static void put_choices(struct screen *s, const struct area *a, int row, enum role role,
			const char *const *names, int count, int chosen)
{
	int i, column = LABEL_WIDTH;

	for (i = 0; i < count; i++)
		column = screen_putf(s, a, row, column, role, "(%c) %s", i == chosen ? '*' : ' ', names[i]) + 1;
}

static void put_value(struct screen *s, const struct area *a, int row, int column, const struct view *v,
		      const struct item *item)
{
	char redacted[URL_SIZE + 64], safe[URL_SIZE + 64];

	if (!value(v, item)[0]) {
		screen_put(s, a, row, column, ROLE_DIM, item->empty);
		return;
	}
	if (item->secret) {
		screen_put(s, a, row, column, ROLE_TEXT, "******");
		return;
	}
	redact_url(redacted, sizeof(redacted), value(v, item));
	text_safe_str(safe, sizeof(safe), redacted);
	screen_put(s, a, row, column, ROLE_TEXT, safe);
}

/* A pane too low for all rows begins with this one. */
static int first_row(const struct area *a, const struct view *v)
{
	int row = items[v->item].row;

	return row < a->h ? 0 : row - a->h + 1;
}

static void put_item(struct screen *s, const struct area *a, const struct view *v, const struct item *item)
{
	struct area place = *a;
	int half = a->w * 20 / 44, row = item->row - first_row(a, v);

	if (item->place == LEFT_HALF)
		place.w = half - 1;
	if (item->place == RIGHT_HALF) {
		place.x += half;
		place.w -= half;
	}
	screen_put(s, &place, row, 0, under_cursor(v, item) ? ROLE_FOCUS : ROLE_TEXT, item->label);
	if (!item->room)
		put_choices(s, &place, row, ROLE_TEXT, source_names, SOURCE_COUNT, (int)v->source);
	else if (under_cursor(v, item) && v->mode == MODE_EDIT)
		pane_put_field(s, &place, row, LABEL_WIDTH, place.w - LABEL_WIDTH, &v->field);
	else
		put_value(s, &place, row, LABEL_WIDTH, v, item);
}

/* The ends of two versions from where they differ, at least five letters. */
static void put_versions(const char *from, const char *to, char *out, size_t size)
{
	size_t same = 0, keep = 5, shorter;

	shorter = strlen(from) < strlen(to) ? strlen(from) : strlen(to);
	while (same < shorter && from[same] == to[same])
		same++;
	if (same + keep > shorter)
		same = shorter > keep ? shorter - keep : 0;
	snprintf(out, size, "%.40s -> %.40s", *from ? from + same : "?", *to ? to + same : "?");
}

void source_summary(const struct view *v, char *out, size_t size)
{
	const char *from = v->asked ? v->question.from : v->identified ? v->identity.version : "";
	const char *to = v->asked ? v->question.to : v->plan.target;
	uint64_t bytes = v->asked && v->question.size ? v->question.size :
			 v->source == SOURCE_FILE ? v->file_size : 0;
	char count[28], versions[96], safe[VERSION_SIZE * 2];
	int n = 0;

	out[0] = '\0';
	text_safe_str(safe, sizeof(safe), to);
	if (bytes)
		n = snprintf(out, size, "%s B", text_count(count, bytes));
	if (*from || *to) {
		put_versions(from, safe, versions, sizeof(versions));
		n += snprintf(out + n, size - (size_t)n, "%s%s", n ? "  " : "", versions);
	}
	if (v->asked && v->question.sha256[0])
		snprintf(out + n, size - (size_t)n, "%ssha256 %.6s..", n ? "  " : "", v->question.sha256);
}

static void draw(struct screen *s, const struct area *outer, const struct view *v)
{
	static const char *const deliveries[] = {
		[DELIVERY_PULL] = "module downloads",
		[DELIVERY_PUSH] = "by wire",
	};
	struct area a = { outer->y, outer->x + 1, outer->h, outer->w - 2 };
	int summary = SUMMARY_ROW - first_row(&a, v), deliver = DELIVER_ROW - first_row(&a, v);
	char text[256];
	size_t i;

	for (i = 0; i < ITEM_COUNT; i++)
		if (shown(v, &items[i]))
			put_item(s, &a, v, &items[i]);
	/* Follows from the source: nothing to choose. */
	screen_put(s, &a, deliver, 0, ROLE_DIM, "Deliver");
	put_choices(s, &a, deliver, ROLE_DIM, deliveries, 2, (int)view_delivery(v));
	source_summary(v, text, sizeof(text));
	if (v->source == SOURCE_FILE && v->file_problem[0])
		screen_put(s, &a, summary, 0, ROLE_BAD, v->file_problem);
	else
		screen_put(s, &a, summary, 0, ROLE_TEXT, text);
}

static void draw_line(struct screen *s, const struct area *a, const struct view *v)
{
	const struct item *item = &items[1];
	char text[256];
	int right;

	while (item->row != 1 || !shown(v, item))
		item++;
	source_summary(v, text, sizeof(text));
	right = screen_put_right(s, a, 0, a->w / 2, ROLE_TEXT, text);
	put_value(s, &(struct area){ a->y, a->x, 1, right - 1 }, 0, 2, v, item);
}

static bool move(struct view *v, int by)
{
	size_t at = v->item;

	do {
		if (by < 0 ? at == 0 : at + 1 == ITEM_COUNT)
			return false;
		at = by < 0 ? at - 1 : at + 1;
	} while (!shown(v, &items[at]));
	v->item = at;
	return true;
}

static void turn(struct view *v, int by)
{
	if (v->job.running || items[v->item].room)
		return;
	view_set_source(v, (enum source)(((int)v->source + by + SOURCE_COUNT) % SOURCE_COUNT));
}

static void sideways(struct view *v, int by)
{
	if (items[v->item].room)
		move(v, by);
	else
		turn(v, by);
}

static enum wish act(struct view *v, enum action action)
{
	switch ((int)action) {
	case ACTION_UP:
		move(v, -1);
		break;
	case ACTION_DOWN:
		move(v, 1);
		break;
	case ACTION_LEFT:
		sideways(v, -1);
		break;
	case ACTION_RIGHT:
		sideways(v, 1);
		break;
	case ACTION_FIRST:
		v->item = 0;
		break;
	case ACTION_LAST:
		while (v->item + 1 < ITEM_COUNT && shown(v, &items[v->item + 1]))
			v->item++;
		break;
	case ACTION_CHOOSE:
		if (items[v->item].room)
			return WISH_EDIT;
		turn(v, 1);
		break;
	default:
		break;
	}
	return WISH_NOTHING;
}

void source_edit(struct view *v)
{
	const struct item *item = &items[v->item];
	bool url = item->offset == offsetof(struct plan, url);

	field_begin(&v->field, url && !v->plan.url[0] ? view_scheme(v->source) : value(v, item), item->room);
	v->field.secret = item->secret;
	v->field.file = item->file;
	if (item->history != HISTORY_KINDS)
		field_use_history(&v->field, &v->histories[item->history]);
	v->mode = MODE_EDIT;
}

int source_accept(struct view *v)
{
	const struct item *item = &items[v->item];
	char *target = (char *)&v->plan + item->offset;
	bool url = item->offset == offsetof(struct plan, url);
	const char *authority;

	if (item->file)
		field_expand_home(&v->field);
	if (url) {
		authority = strstr(v->field.text, "://");
		authority = authority ? authority + 3 : v->field.text;
		if (memchr(authority, '@', strcspn(authority, "/?#"))) {
			view_say(v, true, "user and password have fields of their own: take them out of the URL");
			return -1;
		}
		if (!*authority)
			v->field.text[0] = '\0';
	}
	memset(target, 0, item->room);
	memcpy(target, v->field.text, strnlen(v->field.text, item->room - 1));
	if (item->history != HISTORY_KINDS)
		history_add(&v->histories[item->history], target);
	if (url)
		view_url_changed(v);
	field_wipe(&v->field);
	v->mode = MODE_PANES;
	return 0;
}

bool source_next(struct view *v)
{
	return move(v, 1);
}

const struct pane pane_source = { "2 Package", NULL, draw, draw_line, act };
