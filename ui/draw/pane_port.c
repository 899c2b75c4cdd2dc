#include "config.h"

#include "ui/draw/pane.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ui/draw/pane_replay.h"
#include "ui/draw/put.h"
#include "ui/model/fleet.h"
#include "ui/term/cells.h"

#define NAME_WIDTH 9
#define KIND_WIDTH 5	/* "AT", "data" */
#define ID_WIDTH 9	/* 1519:0020 */

static const char *short_name(const char *path)
{
	static const char dev[] = "/dev/";

	if (!strncmp(path, dev, sizeof(dev) - 1) && !strchr(path + sizeof(dev) - 1, '/'))
		return path + sizeof(dev) - 1;
	return path;
}

/* What the module uses this interface for: the others beside an AT port carry data. */
static const char *kind(const struct view *v, const struct port_info *info)
{
	size_t i;

	if (info->likely_at)
		return "AT";
	for (i = 0; info->usb_path[0] && i < v->port_count; i++)
		if (v->ports[i].likely_at && !strcmp(v->ports[i].usb_path, info->usb_path))
			return _("data");
	return "";
}

static void usb_id(const struct port_info *info, char out[16])
{
	out[0] = '\0';
	if (info->usb_vid >= 0 && info->usb_pid >= 0)
		snprintf(out, 16, "%04x:%04x", (unsigned)info->usb_vid & 0xffff, (unsigned)info->usb_pid & 0xffff);
}

static void put_info(struct screen *s, const struct area *a, int row, int column, const struct view *v,
		     const struct port_info *info)
{
	enum role role = info->holder[0] || info->problem.id != MSG_NONE ? ROLE_DIM : ROLE_TEXT;
	const char *use = kind(v, info);
	char id[16], text[TEXT_SIZE];
	int beside;

	if (info->holder[0]) {
		screen_putf(s, a, row, column, role, _("held by %s"), info->holder);
		return;
	}
	if (info->problem.id != MSG_NONE) {
		screen_put(s, a, row, column, role, message_text(&info->problem, FOR_SCREEN, text, sizeof(text)));
		return;
	}
	usb_id(info, id);
	beside = *use ? KIND_WIDTH + ID_WIDTH : *id ? ID_WIDTH : 0;
	screen_put(s, &(struct area){ a->y + row, a->x + column, 1, a->w - column - beside }, 0, 0, role,
		   info->description[0] ? info->description : info->driver);
	screen_put(s, a, row, a->w - KIND_WIDTH - ID_WIDTH, role, use);
	screen_put(s, a, row, a->w - ID_WIDTH, role, id);
}

static void put_row(struct screen *s, const struct area *a, int row, const struct view *v,
		    const struct port_row *p, bool cursor)
{
	char name[FILE_SIZE];
	enum role role = cursor ? ROLE_FOCUS : ROLE_TEXT;
	int column;

	if (!p->path[0]) {
		if (v->ports_unlisted)
			snprintf(name, sizeof(name), _("%zu more: type a path"), v->ports_unlisted);
		else
			snprintf(name, sizeof(name), "%s", _("another: type its path"));
		screen_put(s, a, row, 2, cursor ? ROLE_FOCUS : ROLE_DIM, name);
		return;
	}
	text_safe_str(name, sizeof(name), short_name(p->path));
	screen_put(s, a, row, 0, ROLE_TEXT, p->chosen ? ">" : " ");
	if (fleet_is_marked(v, p->path))
		screen_put(s, a, row, 1, ROLE_TITLE, "+");
	column = screen_put(s, a, row, 2, role, name);
	if (p->info)
		put_info(s, a, row, column < 2 + NAME_WIDTH ? 2 + NAME_WIDTH : column + 1, v, p->info);
}

/* What there is to say about the port under the cursor. */
static void details(const struct view *v, const struct port_row *p, char *out, size_t size)
{
	const struct port_info *i = p->info;
	char interface[48] = "";

	out[0] = '\0';
	if (!p->path[0])
		snprintf(out, size, "%s", v->port_count ? _("a path, a link, or tcp:HOST:PORT") :
			 _("no serial port is here: plug the module in, it appears by itself; Enter types a path or tcp:HOST:PORT"));
	if (!i)
		return;
	if (i->problem.id != MSG_NONE) {
		message_advice(&i->problem, FOR_SCREEN, out, size);
		return;
	}
	if (i->usb_interface >= 0)
		snprintf(interface, sizeof(interface), _("interface %d  "), i->usb_interface);
	snprintf(out, size, "%s%s%s%s%s%s%s", interface, i->usb_path[0] ? "USB " : "", i->usb_path,
		 i->usb_path[0] ? "  " : "", i->driver, i->serial[0] ? _("  serial ") : "", i->serial);
}

/* Rows the details take at the bottom: they leave two to the list. */
static int detail_rows(const char *text, const struct area *a)
{
	int rows = cells_rows(text, a->w - 2);

	if (rows > a->h - 2)
		rows = a->h - 2;
	return rows > 0 ? rows : 0;
}

/* The first row of the list that A shows, ROWS of it. */
static size_t first_shown(const struct view *v, int rows)
{
	size_t cursor = view_port_cursor(v);

	return cursor < (size_t)rows ? 0 : cursor - (size_t)rows + 1;
}

static void draw(struct screen *s, const struct area *a, const struct view *v)
{
	size_t cursor = view_port_cursor(v), first, i;
	struct port_row p;
	struct area low = { a->y, a->x + 2, 0, a->w - 2 };
	char text[TEXT_SIZE];
	int rows;

	if (a->h < 1)
		return;
	if (v->replay.on) {
		pane_replay_module(s, a, v);
		return;
	}
	view_port_row(v, cursor, &p);
	details(v, &p, text, sizeof(text));
	low.h = detail_rows(text, a);
	low.y += a->h - low.h;
	rows = a->h - low.h;
	first = first_shown(v, rows);
	for (i = first; i < first + (size_t)rows && view_port_row(v, i, &p); i++)
		put_row(s, a, (int)(i - first), v, &p, i == cursor && v->focus == PANE_PORT);
	put_wrapped(s, &low, 0, ROLE_DIM, text);
}

static bool point(struct view *v, const struct area *a, int row, int column)
{
	struct port_row p;
	char text[TEXT_SIZE];
	int rows;
	size_t at;

	(void)column;
	if (v->replay.on || !view_port_row(v, view_port_cursor(v), &p))
		return false;
	details(v, &p, text, sizeof(text));
	rows = a->h - detail_rows(text, a);
	at = first_shown(v, rows) + (size_t)row;
	if (row >= rows || !view_port_row(v, at, &p))
		return false;
	view_move_port(v, (int)at - (int)view_port_cursor(v));
	return true;
}

static void whole(struct page *p, const struct view *v)
{
	struct port_row row;
	const struct port_info *i;
	char text[TEXT_SIZE], id[16];

	if (v->replay.on) {
		pane_replay_whole(p, v);
		return;
	}
	if (!view_port_row(v, view_port_cursor(v), &row) || !row.path[0])
		return;
	page_add(p, ROLE_TITLE, "Port", row.chosen ? N_("%s (chosen)") : "%s", row.path);
	i = row.info;
	if (!i)
		return;
	usb_id(i, id);
	page_add(p, ROLE_TEXT, "Product", "%s", i->description);
	page_add(p, ROLE_TEXT, "Serial", "%s", i->serial);
	page_add(p, ROLE_TEXT, "USB", "%s%s%s", id, *id && i->usb_path[0] ? "  at " : "", i->usb_path);
	if (i->usb_interface >= 0)
		page_add(p, ROLE_TEXT, "Interface", "%d%s%s", i->usb_interface, *kind(v, i) ? ": " : "", kind(v, i));
	page_add(p, ROLE_TEXT, "Driver", "%s", i->driver);
	page_add(p, ROLE_BAD, "Held by", "%s", i->holder);
	if (i->problem.id == MSG_NONE)
		return;
	page_add(p, ROLE_BAD, "Problem", "%s", message_text(&i->problem, FOR_SCREEN, text, sizeof(text)));
	message_advice(&i->problem, FOR_SCREEN, text, sizeof(text));
	page_add(p, ROLE_TITLE, "Cure", "%s", text);
}

static void draw_line(struct screen *s, const struct area *a, const struct view *v)
{
	struct port_row p;
	char name[FILE_SIZE];
	size_t i;
	int column;

	if (v->replay.on) {
		pane_replay_module_line(s, a, v);
		return;
	}
	if (!v->plan.port[0]) {
		screen_put(s, a, 0, 2, ROLE_DIM, _("no port chosen: 1 shows the list"));
		return;
	}
	text_safe_str(name, sizeof(name), short_name(v->plan.port));
	column = screen_put(s, a, 0, 2, ROLE_TEXT, name) + 2;
	for (i = 0; view_port_row(v, i, &p); i++)
		if (p.chosen && p.info)
			put_info(s, a, 0, column, v, p.info);
}

static enum pane_request act(struct view *v, enum action action)
{
	struct port_row p;

	switch ((int)action) {
	case ACTION_UP:
		view_move_port(v, -1);
		break;
	case ACTION_DOWN:
		view_move_port(v, 1);
		break;
	case ACTION_PAGE_UP:
		view_move_port(v, -8);
		break;
	case ACTION_PAGE_DOWN:
		view_move_port(v, 8);
		break;
	case ACTION_FIRST:
		view_move_port(v, -VIEW_PORTS - 2);
		break;
	case ACTION_LAST:
		view_move_port(v, VIEW_PORTS + 2);
		break;
	case ACTION_CHOOSE:
		view_port_row(v, view_port_cursor(v), &p);
		return p.path[0] ? PANE_REQUEST_IDENTIFY : PANE_REQUEST_PORT_PATH;
	default:
		break;
	}
	return PANE_REQUEST_NONE;
}

const struct pane pane_port = { N_("1 Port"), NULL, draw, draw_line, act, whole, point };
