#include "config.h"

#include "ui/draw/pane_browser.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "base/words.h"
#include "ui/draw/dialog.h"
#include "ui/draw/pane.h"
#include "ui/draw/put.h"
#include "ui/model/browser.h"
#include "ui/term/cells.h"

#define PAGE_STEP 10
#define SAFE_SIZE (FILE_SIZE * 4)	/* a path made safe */
#define NAME_MIN 12
#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))

const char browse_keys[] = N_("Enter opens  Backspace up  q back");

void browse_begin(struct view *v)
{
	browser_end(&v->browser);
	if (source_on_manifest(v))
		browser_begin_manifests(&v->browser, v->plan.manifest, v->source == SOURCE_FILE ? v->plan.file : "");
	else
		browser_begin(&v->browser, v->plan.file);
	v->mode = MODE_BROWSE;
	view_look_again(v);	/* of the file under the cursor from now on */
	v->scroll = 0;
}

/* PATH safe to show, with ~ for the home directory. */
static void shorten(char *out, size_t size, const char *path)
{
	const char *home = getenv("HOME");
	size_t n = home && home[0] == '/' && home[1] ? strlen(home) : 0;
	bool inside = n && !strncmp(path, home, n) && (path[n] == '/' || !path[n]);

	text_safe_str(out + inside, size - inside, inside ? path + n : path);
	if (inside)
		out[0] = '~';
}

/* TEXT in WIDTH columns; of one too long the end, where names differ. */
static void put_end(struct screen *s, const struct area *a, int row, int column, int width, enum role role,
		    const char *text)
{
	struct area place = { a->y + row, a->x + column, 1, width };
	bool cut = cells_width(text) > width;

	while (cut && *text && cells_width(text) > width - 2)
		text += cells_letter(text).size;
	screen_putf(s, &place, 0, 0, role, "%s%s", cut ? ".." : "", text);
}

/* The columns after the names, by the width of the page: a narrow one, and
 * one with a path in it, has no room for the date. */
static const struct columns {
	int width;		/* of the page from which on */
	int date;		/* letters of "2024-03-11 10:15" */
	bool size;
	int path_width;		/* the same for a row with a path */
} columns[] = {
	{ 70, 16, true, 70 },
	{ 50, 10, true, 60 },
	{ 40, 0, true, 40 },
	{ 24, 0, false, 30 },
};

/* Columns that TEXT leaves of WIDTH. */
static int blank(int width, const char *text)
{
	int used = cells_width(text);

	return used < width ? width - used : 0;
}

/* Size, date and manifest of a file. */
static void describe(const struct browser_entry *entry, int width, char *out, size_t size)
{
	bool path = entry->kind == BROWSER_RECENT;
	const char *manifest = entry->manifest ? _("manifest") : "";
	time_t modified = (time_t)entry->modified_s;
	char count[28] = "", date[24] = "";
	const char *shown = count;
	struct tm tm;
	size_t i = 0;

	out[0] = '\0';
	if (!path && entry->kind != BROWSER_FILE)
		return;
	while (i < COLUMN_COUNT && width < (path ? columns[i].path_width : columns[i].width))
		i++;
	if (i == COLUMN_COUNT)
		return;
	if (entry->there)
		text_count(count, entry->size);
	else
		shown = _("not there");
	if (entry->there && localtime_r(&modified, &tm))
		strftime(date, sizeof(date), "%Y-%m-%d %H:%M", &tm);
	if (columns[i].size)
		snprintf(out, size, "%*s%s  %-*.*s%s%s%*s", blank(13, shown), "", shown, columns[i].date, columns[i].date, date,
			 columns[i].date ? "  " : "", manifest, blank(8, manifest), "");
	else if (entry->there)
		snprintf(out, size, "%s%*s", manifest, blank(8, manifest), "");
	else
		snprintf(out, size, "%s%*s", _("gone"), blank(8, _("gone")), "");
}

static void put_entry(struct screen *s, const struct area *a, int row, const struct browser_entry *entry,
		      bool cursor)
{
	bool recent = entry->kind == BROWSER_RECENT;
	enum role role = recent && !entry->there ? ROLE_DIM : ROLE_TEXT;
	char name[SAFE_SIZE + 2], about[96];
	int column = recent ? 10 : 2, right;

	if (recent)
		shorten(name, SAFE_SIZE, entry->name);
	else
		text_safe_str(name, SAFE_SIZE, entry->name);
	if (entry->kind == BROWSER_DIRECTORY || entry->kind == BROWSER_UP)
		strcat(name, "/");
	describe(entry, a->w, about, sizeof(about));
	right = screen_put_right(s, a, row, column, role, about);
	if (cursor)
		screen_put(s, a, row, 0, ROLE_TEXT, ">");
	if (recent)
		screen_put(s, a, row, 2, ROLE_DIM, _("recent"));
	put_end(s, a, row, column, right - column - 1, cursor ? ROLE_FOCUS : role, name);
}

/* What the list does not show, and why. Returns the rows it takes. */
static int make_note(const struct browser *b, char *out, size_t size)
{
	char count[28];
	size_t i;

	out[0] = '\0';
	for (i = 0; i < b->count && b->entries[i].kind < BROWSER_DIRECTORY;)
		i++;
	if (b->problem[0])
		snprintf(out, size, "%s", b->problem);
	else if (b->left_out || b->more)
		snprintf(out, size, b->more ? _("more than %s left out: type the path in the field") :
			 _("%s left out: type the path in the field"), text_count(count, b->left_out));
	else if (i == b->count)
		snprintf(out, size, "%s", _("no files here"));
	return out[0] != '\0';
}

/* Rows for what is known of the file under the cursor. */
static int about_rows(const struct area *area)
{
	return area->h >= 16 ? 3 : area->h >= 9 ? 2 : 0;
}

/* How many entries there is room for, with NOTE rows below them. */
static int rows_of(const struct area *area, int note)
{
	return area->h - 3 - note - about_rows(area);
}

/* Did the name of ENTRY not fit into WIDTH columns? */
static bool is_cut(const struct browser_entry *entry, int width)
{
	char name[SAFE_SIZE], about[96];

	if (entry->kind == BROWSER_RECENT)
		shorten(name, sizeof(name), entry->name);
	else
		text_safe_str(name, sizeof(name), entry->name);
	describe(entry, width, about, sizeof(about));
	return cells_width(name) > width - cells_width(about) - (entry->kind == BROWSER_RECENT ? 11 : 3);
}

/* What the manifest and the file itself say, and the name where it was cut. */
static enum role describe_whole(const struct view *v, int width, char *out, size_t size)
{
	const struct browser *b = &v->browser;
	const struct outlook *o = &v->outlook;
	const struct package_info *p = &o->package;
	char count[28], words[TEXT_SIZE];
	const char *name;
	int n = 0;

	out[0] = '\0';
	if (!b->count)
		return ROLE_TEXT;
	name = is_cut(&b->entries[b->cursor], width) ? b->entries[b->cursor].name : "";
	/* a manifest is often chosen for a package that lies elsewhere */
	if (b->manifests && o->field == PLAN_FILE)
		return ROLE_TEXT;
	if (o->problem.id != MSG_NONE && o->problem.id != MSG_TARGET_MISSING) {
		snprintf(out, size, "%s  %s", message_text(&o->problem, FOR_SCREEN, words, sizeof(words)), name);
		return ROLE_BAD;
	}
	if (o->problem.id == MSG_TARGET_MISSING)
		n = snprintf(out, size, "%s  ", _("no manifest says what it is made for"));
	if (p->from[0] || p->to[0])
		n += snprintf(out + n, size - (size_t)n, "%s -> %s  ", p->from[0] ? p->from : "?", p->to[0] ? p->to : "?");
	if (p->size)
		n += snprintf(out + n, size - (size_t)n, "%s B  ", text_count(count, p->size));
	if (p->sha256[0])
		n += snprintf(out + n, size - (size_t)n, "sha256 %.12s..  ", p->sha256);
	snprintf(out + n, size - (size_t)n, "%s", name);
	return ROLE_TEXT;
}

static void put_about(struct screen *s, const struct area *a, const struct view *v)
{
	char text[FILE_SIZE + 2 * TEXT_SIZE], safe[sizeof(text)];
	enum role role = describe_whole(v, a->w, text, sizeof(text));

	text_safe_str(safe, sizeof(safe), text);
	put_wrapped(s, a, 0, role, safe);
}

bool browse_point(struct view *v, const struct area *area, int y)
{
	struct browser *b = &v->browser;
	char text[200];
	int row = y - area->y - 2;	/* below the frame and the directory */

	if (row < 0 || row >= rows_of(area, make_note(b, text, sizeof(text))) || v->scroll + row >= (int)b->count)
		return false;
	if (v->scroll + row != (int)b->cursor)
		view_look_again(v);
	browser_move(b, v->scroll + row - (long)b->cursor);
	return true;
}

void browse_draw(struct screen *s, const struct area *area, struct view *v)
{
	struct browser *b = &v->browser;
	struct area frame = *area, inside;
	int row, rows = (int)b->count, cursor = (int)b->cursor, note;
	char text[200], directory[SAFE_SIZE];

	note = make_note(b, text, sizeof(text));
	if (rows > rows_of(area, note))
		rows = rows_of(area, note);
	if (rows < 1 || frame.w < NAME_MIN + 4) {
		put_wrapped(s, area, 0, ROLE_ALARM, _("enlarge the window"));
		return;
	}
	if (v->scroll > cursor)
		v->scroll = cursor;
	if (v->scroll < cursor - rows + 1)
		v->scroll = cursor - rows + 1;
	frame.h = rows + 3 + note + about_rows(area);
	for (row = 0; row < frame.h; row++)
		screen_clear_row(s, &frame, row, 0);
	shorten(directory, sizeof(directory), b->directory);
	inside = screen_frame(s, &frame, FRAME_PAGE, b->manifests ? _(" Manifest ") : _(" Package file "), "");
	inside = (struct area){ inside.y, inside.x + 1, inside.h, inside.w - 2 };
	put_end(s, &inside, 0, 0, inside.w, ROLE_TITLE, directory);
	for (row = 0; row < rows && v->scroll + row < (int)b->count; row++)
		put_entry(s, &inside, row + 1, &b->entries[v->scroll + row], v->scroll + row == cursor);
	screen_put(s, &inside, rows + 1, 0, b->problem[0] ? ROLE_BAD : ROLE_DIM, text);
	put_about(s, &(struct area){ inside.y + rows + 1 + note, inside.x, about_rows(area), inside.w }, v);
}

static void choose(struct view *v)
{
	char path[FILE_SIZE], *field = v->browser.manifests ? v->plan.manifest : v->plan.file;

	if (!browser_open(&v->browser, path)) {
		v->scroll = 0;
		return;
	}
	if (strcmp(field, path) != 0)
		view_package_changed(v);
	memset(field, 0, FILE_SIZE);
	memcpy(field, path, strlen(path));
	history_add(&v->histories[HISTORY_FILE], path);
	v->mode = MODE_PANES;
}

static bool moves(struct browser *b, int code)
{
	switch (code) {
	case K_UP: case 'k':
		browser_move(b, -1);
		break;
	case K_DOWN: case 'j':
		browser_move(b, 1);
		break;
	case K_PAGE_UP: case 'b':
		browser_move(b, -PAGE_STEP);
		break;
	case K_PAGE_DOWN: case 'f':
		browser_move(b, PAGE_STEP);
		break;
	case K_HOME: case 'g':
		browser_move(b, -(long)b->count);
		break;
	case K_END: case 'G':
		browser_move(b, (long)b->count);
		break;
	default:
		return false;
	}
	return true;
}

void browse_key(struct view *v, const struct key *key)
{
	struct browser *b = &v->browser;
	size_t before = b->cursor;
	bool directory = b->count && b->entries[b->cursor].kind != BROWSER_FILE &&
			 b->entries[b->cursor].kind != BROWSER_RECENT;

	if (moves(b, key->code)) {
		if (b->cursor != before)
			view_look_again(v);
		return;
	}
	if (key->pasted) {
		view_say(v, true, "%s", _(dialog_too_fast));
		return;
	}
	switch (key->code) {
	case K_ENTER:
		choose(v);
		break;
	case K_RIGHT: case 'l':
		if (directory)
			choose(v);
		break;
	case K_LEFT: case 'h': case K_BACKSPACE:
		browser_up(b);
		v->scroll = 0;
		break;
	case 'q': case K_ESC: case K_CTRL_C: case K_CTRL_G:
		v->mode = MODE_PANES;
		break;
	default:
		break;
	}
	if (v->mode != MODE_BROWSE)
		browser_end(b);
	view_look_again(v);
}
