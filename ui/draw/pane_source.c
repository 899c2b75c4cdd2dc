#include "config.h"

#include "ui/draw/pane.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/redact.h"
#include "base/text.h"
#include "base/url.h"
#include "base/words.h"
#include "protocol/profile.h"
#include "ui/draw/put.h"
#include "ui/term/cells.h"

#define LABEL_WIDTH 9
#define SUMMARY_ROW 5

enum place { WHOLE, LEFT_HALF, RIGHT_HALF };

/* Which fields are shown depends on where the package comes from and how it
 * goes to the module. */
enum form { FORM_URL = 1, FORM_SERIAL = 2, FORM_PUBLISH = 4, FORM_FILE = FORM_SERIAL | FORM_PUBLISH };

/* What is chosen rather than typed. */
struct choice {
	const char *const *names;
	int count;
	int (*get)(const struct view *v);
	void (*set)(struct view *v, int chosen);
};

static int get_source(const struct view *v)
{
	return (int)v->source;
}

static void set_source(struct view *v, int chosen)
{
	view_set_source(v, (enum source)chosen);
}

static int get_relay(const struct view *v)
{
	return v->relay;
}

static void set_relay(struct view *v, int chosen)
{
	v->relay = chosen;
}

static int get_publish(const struct view *v)
{
	return v->publish;
}

static void set_publish(struct view *v, int chosen)
{
	v->publish = chosen;
}

static int get_overwrite(const struct view *v)
{
	return v->plan.overwrite;
}

static void set_overwrite(struct view *v, int chosen)
{
	v->plan.overwrite = chosen;
}

static const char *const source_names[] = {
	[SOURCE_FTP] = "FTP",
	[SOURCE_HTTP] = "HTTP",
	[SOURCE_FILE] = N_("Local file"),
};
static const char *const url_ways[] = { N_("by the module"), N_("serial port") };
static const char *const file_ways[] = { N_("serial port"), N_("publish") };
static const char *const no_yes[] = { N_("no"), N_("yes") };

static const struct choice source_choice = { source_names, SOURCE_COUNT, get_source, set_source };
static const struct choice relay_choice = { url_ways, 2, get_relay, set_relay };
static const struct choice publish_choice = { file_ways, 2, get_publish, set_publish };
static const struct choice overwrite_choice = { no_yes, 2, get_overwrite, set_overwrite };

/* The fields in the order of the cursor; in each form they go down the rows. */
static const struct item {
	const char *label;
	unsigned forms;
	int row;
	enum place place;
	const struct choice *choice;	/* NULL: a text */
	size_t offset, room;	/* in struct plan */
	enum history_kind history;	/* HISTORY_KINDS: none */
	const char *empty;	/* shown dim while nothing is typed */
	bool secret, file;
} items[] = {
#define CHOICE(choice) &choice, 0, 0, HISTORY_KINDS, "", false, false
#define FIELD(member) NULL, offsetof(struct plan, member), sizeof(((struct plan *)0)->member)
#define TEXT_FIELD(member, history, empty) FIELD(member), history, empty, false, false
#define FILE_FIELD(member, empty) FIELD(member), HISTORY_FILE, empty, false, true
#define SECRET_FIELD(member) FIELD(member), HISTORY_KINDS, N_("(none)"), true, false
	{ N_("Source"), FORM_URL | FORM_FILE, 0, WHOLE, CHOICE(source_choice) },
	{ N_("URL"), FORM_URL, 1, WHOLE, TEXT_FIELD(url, HISTORY_URL, N_("(of the package)")) },
	{ N_("User"), FORM_URL, 2, LEFT_HALF, TEXT_FIELD(user, HISTORY_USER, N_("(none)")) },
	{ N_("Password"), FORM_URL, 2, RIGHT_HALF, SECRET_FIELD(password) },
	{ N_("Deliver"), FORM_URL, 3, WHOLE, CHOICE(relay_choice) },
	{ N_("Manifest"), FORM_URL, 4, LEFT_HALF, FILE_FIELD(manifest, N_("(none)")) },
	{ N_("Target"), FORM_URL, 4, RIGHT_HALF, TEXT_FIELD(target, HISTORY_TARGET, N_("(manifest)")) },
	{ N_("File"), FORM_FILE, 1, WHOLE, FILE_FIELD(file, N_("(Enter types it, o browses)")) },
	{ N_("Deliver"), FORM_FILE, 2, WHOLE, CHOICE(publish_choice) },
	{ N_("Publish"), FORM_PUBLISH, 3, WHOLE, TEXT_FIELD(publish, HISTORY_URL, N_("(URL to put it at)")) },
	{ N_("User"), FORM_PUBLISH, 4, LEFT_HALF, TEXT_FIELD(user, HISTORY_USER, N_("(none)")) },
	{ N_("Password"), FORM_PUBLISH, 4, RIGHT_HALF, SECRET_FIELD(password) },
	{ N_("Overwrite"), FORM_PUBLISH, 5, WHOLE, CHOICE(overwrite_choice) },
	{ N_("Manifest"), FORM_PUBLISH, 6, LEFT_HALF, FILE_FIELD(manifest, N_("(beside)")) },
	{ N_("Target"), FORM_PUBLISH, 6, RIGHT_HALF, TEXT_FIELD(target, HISTORY_TARGET, N_("(manifest)")) },
	{ N_("Manifest"), FORM_SERIAL, 3, WHOLE, FILE_FIELD(manifest, N_("(FILE.manifest, if there is one)")) },
	{ N_("Target"), FORM_SERIAL, 4, WHOLE, TEXT_FIELD(target, HISTORY_TARGET, N_("(as the manifest says)")) },
};
#define URL_ITEM 1	/* of the package */
#define ITEM_COUNT (sizeof(items) / sizeof(items[0]))

static enum form form_of(const struct view *v)
{
	return v->source != SOURCE_FILE ? FORM_URL : v->publish ? FORM_PUBLISH : FORM_SERIAL;
}

static bool shown(const struct view *v, const struct item *item)
{
	return item->forms & form_of(v);
}

static bool is_url(const struct item *item)
{
	return item->history == HISTORY_URL;
}

static const char *value(const struct view *v, const struct item *item)
{
	return (const char *)&v->plan + item->offset;
}

/* What stands in an empty field: what it is taken from, once that is known. */
static void put_empty(struct screen *s, const struct area *a, int row, int column, const struct view *v,
		      const struct item *item)
{
	const struct outlook *o = &v->outlook;
	const char *slash = strrchr(o->manifest, '/');

	if (item->offset == offsetof(struct plan, target) && o->package.to[0])
		screen_putf(s, a, row, column, ROLE_DIM, _("%s (manifest)"), o->package.to);
	else if (item->offset == offsetof(struct plan, manifest) && o->manifest[0])
		screen_putf(s, a, row, column, ROLE_DIM, "%s", o->fetched ? _("(beside)") : slash ? slash + 1 : o->manifest);
	else
		screen_put(s, a, row, column, ROLE_DIM, _(item->empty));
}

static bool under_cursor(const struct view *v, const struct item *item)
{
	return v->focus == PANE_SOURCE && &items[v->item] == item;
}

static void put_choice(struct screen *s, const struct area *a, int row, int column, const struct view *v,
		       const struct choice *choice)
{
	int i, chosen = choice->get(v);

	for (i = 0; i < choice->count; i++)
		column = screen_putf(s, a, row, column, ROLE_TEXT, "(%c) %s", i == chosen ? '*' : ' ',
				     _(choice->names[i])) + 1;
}

static void put_value(struct screen *s, const struct area *a, int row, int column, const struct view *v,
		      const struct item *item)
{
	char redacted[URL_SIZE + 64], safe[URL_SIZE + 64];

	if (!value(v, item)[0]) {
		put_empty(s, a, row, column, v, item);
		return;
	}
	if (item->secret) {
		screen_put(s, a, row, column, ROLE_TEXT, "******");
		return;
	}
	if (is_url(item))
		redact_url(redacted, sizeof(redacted), value(v, item));
	text_safe_str(safe, sizeof(safe), is_url(item) ? redacted : value(v, item));
	screen_put(s, a, row, column, ROLE_TEXT, safe);
}

/* A pane too low for all rows begins with this one. */
static int first_row(const struct area *a, const struct view *v)
{
	int row = items[v->item].row;

	return row < a->h ? 0 : row - a->h + 1;
}

/* The columns of A that ITEM has. */
static struct area place_of(const struct area *a, const struct item *item)
{
	struct area place = *a;
	int half = a->w * 20 / 44;

	if (item->place == LEFT_HALF)
		place.w = half - 1;
	if (item->place == RIGHT_HALF) {
		place.x += half;
		place.w -= half;
	}
	return place;
}

static void put_item(struct screen *s, const struct area *a, const struct view *v, const struct item *item)
{
	struct area place = place_of(a, item);
	int row = item->row - first_row(a, v), column;

	column = screen_put(s, &place, row, 0, under_cursor(v, item) ? ROLE_FOCUS : ROLE_TEXT, _(item->label)) + 1;
	if (item->choice)
		put_choice(s, &place, row, column > LABEL_WIDTH ? column : LABEL_WIDTH, v, item->choice);
	else if (under_cursor(v, item) && v->mode == MODE_EDIT)
		put_field(s, &place, row, LABEL_WIDTH, place.w - LABEL_WIDTH, &v->field);
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
	const struct package_info *package = v->packaged ? &v->package : v->replay.on ? NULL : &v->outlook.package;
	const char *from = v->asked ? v->question.from : package && package->from[0] ? package->from :
			   v->identified ? v->identity.version : "";
	const char *to = v->asked ? v->question.to : package && package->to[0] ? package->to : v->plan.target;
	const char *sha256 = v->asked ? v->question.sha256 : package ? package->sha256 : "";
	uint64_t bytes = v->asked && v->question.size ? v->question.size : package ? package->size : 0;
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
	if (*sha256 && !view_publishes(v))
		snprintf(out + n, size - (size_t)n, "%ssha256 %.6s..", n ? "  " : "", sha256);
}

static bool names_package(const struct view *v)
{
	return v->source == SOURCE_FILE ? v->plan.file[0] != '\0' : view_names_something(v->plan.url);
}

/* What stands below the fields. */
static enum role last_words(const struct view *v, char *out, size_t size)
{
	const struct outlook *o = &v->outlook;

	if (o->problem.id != MSG_NONE && o->problem.id != MSG_TARGET_MISSING) {
		message_text(&o->problem, FOR_SCREEN, out, size);
		return ROLE_BAD;
	}
	source_summary(v, out, size);
	if (!*out && !names_package(v) && !v->replay.on) {
		snprintf(out, size, "%s", v->source == SOURCE_FILE ?
			 _("no package yet: dfota request says what to ask the vendor for") :
			 _("type or paste the URL of the package"));
		return ROLE_DIM;
	}
	if (o->asking && !v->job.running) {
		snprintf(out, size, "%s", _("asking the server ..."));
	} else if (o->doubt.id != MSG_NONE && !*out) {
		message_text(&o->doubt, FOR_SCREEN, out, size);
		return ROLE_BUSY;
	}
	return ROLE_TEXT;
}

/* Where the fields take all rows, it stands in the frame. */
static void status(const struct view *v, char *out, size_t size)
{
	out[0] = '\0';
	if (view_publishes(v))
		last_words(v, out, size);
}

static struct area inside(const struct area *outer)
{
	return (struct area){ outer->y, outer->x + 1, outer->h, outer->w - 2 };
}

static bool point(struct view *v, const struct area *outer, int row, int column)
{
	struct area a = inside(outer);
	int wanted = row + first_row(&a, v), x = outer->x + column;

	for (size_t i = 0; i < ITEM_COUNT; i++) {
		struct area place = place_of(&a, &items[i]);

		if (!shown(v, &items[i]) || items[i].row != wanted || x < place.x || x >= place.x + place.w)
			continue;
		v->item = i;
		return true;
	}
	return false;
}

static void draw(struct screen *s, const struct area *outer, const struct view *v)
{
	struct area a = inside(outer);
	int row = SUMMARY_ROW - first_row(&a, v);
	char text[256];
	enum role role = last_words(v, text, sizeof(text));
	size_t i;

	for (i = 0; i < ITEM_COUNT; i++)
		if (shown(v, &items[i]))
			put_item(s, &a, v, &items[i]);
	if (!view_publishes(v))
		put_wrapped(s, &a, row, role, text);
}

static void add_item(struct page *p, const struct view *v, const struct item *item)
{
	enum role role = under_cursor(v, item) ? ROLE_TITLE : ROLE_TEXT;
	char text[URL_SIZE + 64];

	if (item->choice) {
		page_add(p, role, item->label, "%s", _(item->choice->names[item->choice->get(v)]));
		return;
	}
	redact_url(text, sizeof(text), value(v, item));
	page_add(p, role, item->label, "%s", item->secret && *text ? "******" : *text ? text : "-");
}

/* The fields as they stand, and what is known of the package. */
static void whole(struct page *p, const struct view *v)
{
	const struct outlook *o = &v->outlook;
	const struct package_info *package = v->packaged ? &v->package : &o->package;
	char words[TEXT_SIZE], count[28];

	for (size_t i = 0; i < ITEM_COUNT; i++)
		if (shown(v, &items[i]))
			add_item(p, v, &items[i]);
	page_gap(p);
	if (o->problem.id != MSG_NONE)
		page_add(p, ROLE_BAD, "Problem", "%s", message_text(&o->problem, FOR_SCREEN, words, sizeof(words)));
	if (o->problem.id != MSG_NONE)
		page_add(p, ROLE_TITLE, "Cure", "%s", message_next(&o->problem, FOR_SCREEN, words, sizeof(words)));
	if (o->doubt.id != MSG_NONE)
		page_add(p, ROLE_BUSY, "Doubt", "%s", message_text(&o->doubt, FOR_SCREEN, words, sizeof(words)));
	page_add(p, ROLE_TEXT, "Read from", "%s", o->manifest);
	page_add(p, ROLE_TEXT, "From", "%s", package->from[0] ? package->from : v->identified ? v->identity.version : "");
	page_add(p, ROLE_TEXT, "To", "%s", package->to[0] ? package->to : v->plan.target);
	if (package->size)
		page_add(p, ROLE_TEXT, "Size", "%s bytes", text_count(count, package->size));
	page_add(p, ROLE_TEXT, "SHA-256", "%s", package->sha256);
}

static void draw_line(struct screen *s, const struct area *a, const struct view *v)
{
	const struct item *item = &items[1];
	char text[256];
	enum role role = last_words(v, text, sizeof(text));
	int right;

	while (item->row != 1 || !shown(v, item))
		item++;
	right = screen_put_right(s, a, 0, role == ROLE_BAD ? a->w / 4 : a->w / 2, role, text);
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
	const struct choice *choice = items[v->item].choice;

	if (!v->job.running && !v->replay.on && choice) {
		view_package_changed(v);
		choice->set(v, (choice->get(v) + by + choice->count) % choice->count);
	}
}

static void sideways(struct view *v, int by)
{
	if (items[v->item].choice)
		turn(v, by);
	else
		move(v, by);
}

static enum pane_request act(struct view *v, enum action action)
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
		while (move(v, 1))
			;
		break;
	case ACTION_CHOOSE:
		if (!items[v->item].choice)
			return PANE_REQUEST_EDIT;
		turn(v, 1);
		break;
	default:
		break;
	}
	return PANE_REQUEST_NONE;
}

bool source_on_manifest(const struct view *v)
{
	return v->source != SOURCE_FILE || items[v->item].offset == offsetof(struct plan, manifest);
}

void source_edit(struct view *v)
{
	const struct item *item = &items[v->item];
	const char *text = value(v, item);

	if (is_url(item) && !*text)
		text = view_publishes(v) ? view_scheme(SOURCE_FTP) : view_scheme(v->source);
	field_begin(&v->field, text, item->room);
	v->field.secret = item->secret;
	v->field.file = item->file;
	if (item->history != HISTORY_KINDS)
		field_use_history(&v->field, &v->histories[item->history]);
	v->mode = MODE_EDIT;
}

/* A URL that the module will be given: what is wrong with it is said when it
 * was typed. It stays: another way may take it. */
static void check_url(struct view *v, const char *url)
{
	const struct profile *p = profile_by_name(v->identity.profile);
	struct err e;

	if (view_route(v) != ROUTE_RELAY && *url &&
	    module_url_check(url, p ? &p->url : &profile_default()->url, &e) < 0)
		view_say_error(v, &e);
}

/* A URL typed or pasted after the scheme that stood there. */
static void drop_scheme(char *text)
{
	const char *rest = text + strlen(url_scheme_text(url_scheme(text)));

	if (url_scheme(text) != URL_NO_SCHEME && url_scheme(rest) != URL_NO_SCHEME)
		memmove(text, rest, strlen(rest) + 1);
}

/* A URL in another field is that of the package. */
static void go_where_it_belongs(struct view *v)
{
	if (items[v->item].secret || is_url(&items[v->item]) || url_scheme(v->field.text) == URL_NO_SCHEME)
		return;
	v->item = URL_ITEM;
	v->field.text[items[URL_ITEM].room - 1] = '\0';
}

void source_paste(struct view *v, enum url_scheme scheme)
{
	if (!view_publishes(v) && v->source == SOURCE_FILE) {
		view_package_changed(v);
		view_set_source(v, url_is_ftp(scheme) ? SOURCE_FTP : SOURCE_HTTP);
	}
	v->focus = PANE_SOURCE;
	v->item = 0;
	source_next(v);
	source_edit(v);
	field_begin(&v->field, "", v->field.room);
}

int source_accept(struct view *v)
{
	const struct item *item;
	char *target;

	drop_scheme(v->field.text);
	go_where_it_belongs(v);
	item = &items[v->item];
	target = (char *)&v->plan + item->offset;
	if (item->file)
		field_expand_home(&v->field);
	if (is_url(item)) {
		if (url_at(v->field.text) || url_login_unclear(v->field.text)) {
			view_say(v, true, "user and password have fields of their own: take them out of the URL");
			return -1;
		}
		if (!*url_authority(v->field.text, NULL))
			v->field.text[0] = '\0';
	}
	if (strncmp(target, v->field.text, item->room - 1) != 0)
		view_package_changed(v);
	memset(target, 0, item->room);
	memcpy(target, v->field.text, strnlen(v->field.text, item->room - 1));
	if (item->history != HISTORY_KINDS)
		history_add(&v->histories[item->history], target);
	if (target == v->plan.url)
		view_url_changed(v);
	if (is_url(item))
		check_url(v, target);
	field_wipe(&v->field);
	v->mode = MODE_PANES;
	return 0;
}

void source_go_to(struct view *v, enum plan_field field)
{
	static const size_t offsets[PLAN_FIELDS] = {
		[PLAN_URL] = offsetof(struct plan, url),
		[PLAN_LOGIN] = offsetof(struct plan, user),
		[PLAN_FILE] = offsetof(struct plan, file),
		[PLAN_PUBLISH] = offsetof(struct plan, publish),
		[PLAN_MANIFEST] = offsetof(struct plan, manifest),
		[PLAN_TARGET] = offsetof(struct plan, target),
	};

	v->focus = PANE_SOURCE;
	for (size_t i = 0; i < ITEM_COUNT; i++)
		if (!items[i].choice && shown(v, &items[i]) && items[i].offset == offsets[field])
			v->item = i;
}

/* To the next field that is typed. */
bool source_next(struct view *v)
{
	size_t at = v->item;

	while (move(v, 1))
		if (!items[v->item].choice)
			return true;
	v->item = at;
	return false;
}

const struct pane pane_source = { N_("2 Package"), status, draw, draw_line, act, whole, point };
