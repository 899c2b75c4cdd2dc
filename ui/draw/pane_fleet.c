#include "config.h"

#include "ui/draw/pane_fleet.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "ui/model/fleet.h"
#include "ui/term/cells.h"

#define MARK_WIDTH 2
#define STEP_WIDTH 9
#define PERCENT_WIDTH 4
#define RATE_WIDTH 10	/* "11.4 kB/s", "quiet 1:05" */
#define WHO_WIDTH 20	/* "UG96 861234567890123" */
#define PORT_WIDTH 12
#define PORT_NARROW 10
#define NARROW 76	/* columns from which on there is room for who it is and how fast */
#define NO_BAR 44	/* ... and for a bar */
#define BAR_MAX 60

/* From which column on what stands; a width of 0: no room. */
struct columns {
	int port, port_width, who, who_width, step, bar, bar_width, percent, rate, unplug, unplug_width;
};

static struct columns columns_of(int width)
{
	bool narrow = width < NARROW;
	struct columns c = { .port = MARK_WIDTH, .port_width = narrow ? PORT_NARROW : PORT_WIDTH };
	int end;

	c.unplug_width = cells_width(_("unplug?")) > cells_width(_("unknown")) ? cells_width(_("unplug?")) : cells_width(_("unknown"));
	c.unplug = width - c.unplug_width;
	end = c.unplug - 1;
	c.who = c.port + c.port_width + 1;
	c.who_width = narrow ? 0 : WHO_WIDTH;
	c.step = c.who + (narrow ? 0 : WHO_WIDTH + 1);
	if (!narrow)
		end = c.rate = end - RATE_WIDTH;
	end = c.percent = end - PERCENT_WIDTH - (narrow ? 0 : 1);
	c.bar = c.step + STEP_WIDTH + 1;
	c.bar_width = width < NO_BAR ? 0 : end - c.bar - 1;
	if (c.bar_width > BAR_MAX)
		c.bar_width = BAR_MAX;
	return c;
}

/* The end of a long path says more than its begin. */
static void put_port(struct screen *s, const struct area *a, int row, const struct columns *c, enum role role, const char *port)
{
	static const char dev[] = "/dev/";
	char text[FILE_SIZE + 2];

	if (!strncmp(port, dev, sizeof(dev) - 1) && !strchr(port + sizeof(dev) - 1, '/'))
		port += sizeof(dev) - 1;
	if (cells_width(port) <= c->port_width) {
		screen_put(s, a, row, c->port, role, port);
		return;
	}
	while (cells_width(port) > c->port_width - 1)
		port += cells_letter(port).size;
	snprintf(text, sizeof(text), "~%s", port);
	screen_put(s, a, row, c->port, role, text);
}

static void put_unplug(struct screen *s, const struct area *a, int row, const struct columns *c, enum unplug unplug)
{
	static const struct {
		const char *word;
		enum role role;
	} words[] = {
		[UNPLUG_YES] = { N_("yes"), ROLE_GOOD }, [UNPLUG_NO] = { N_("NO"), ROLE_ALARM }, [UNPLUG_UNKNOWN] = { N_("unknown"), ROLE_BUSY },
	};

	screen_put(s, a, row, c->unplug, words[unplug].role, _(words[unplug].word));
}

/* "06E1G" of UG96LNAR02A06E1G: where two versions begin alike, what differs. */
static const char *short_version(const char *version, const char *other)
{
	size_t same = 0, size = strlen(version);

	while (same < size && version[same] == other[same])
		same++;
	if (same == size || size < 6)
		return version;
	return same > size - 5 ? version + size - 5 : version + same;
}

/* "success: 06E1G -> 08E1G", or why not. */
static void put_result(struct screen *s, const struct area *a, int row, const struct columns *c, const struct fleet_row *r)
{
	struct area inside = { a->y + row, a->x + c->step, 1, c->unplug - 1 - c->step };
	bool good = r->outcome == OUTCOME_SUCCESS || r->outcome == OUTCOME_READY;
	bool grave = r->outcome == OUTCOME_UNKNOWN || r->outcome == OUTCOME_DEVICE_FAILED;
	char text[2 * TEXT_SIZE];

	if (r->outcome == OUTCOME_SUCCESS && r->from[0] && strcmp(r->from, r->to) != 0)
		snprintf(text, sizeof(text), _("success  %s -> %s"), short_version(r->from, r->to), short_version(r->to, r->from));
	else if (r->outcome == OUTCOME_STOPPED || r->outcome == OUTCOME_READY)
		snprintf(text, sizeof(text), "%s", r->what);
	else
		snprintf(text, sizeof(text), "%s: %s", _(outcome_info(r->outcome)->name), r->what);
	screen_put(s, &inside, 0, 0, good ? ROLE_GOOD : grave ? ROLE_ALARM : ROLE_BAD, text);
}

static void put_bar(struct screen *s, const struct area *a, int row, const struct columns *c, const struct fleet_row *r)
{
	char bar[BAR_MAX + 1];
	int width = c->bar_width - 2;

	if (c->rate && r->quiet_s)
		screen_putf(s, a, row, c->rate, ROLE_BUSY, r->quiet_s < 600 ? _("quiet %u:%02u") : _("quiet %u m"), r->quiet_s / 60, r->quiet_s % 60);
	if (r->percent < 0)
		return;
	screen_putf(s, a, row, c->percent, ROLE_TEXT, "%3d%%", r->percent);
	if (width >= 3) {
		memset(bar, '-', sizeof(bar));
		memset(bar, '#', (size_t)(width * r->percent / 100));
		bar[width] = '\0';
		screen_putf(s, a, row, c->bar, ROLE_TEXT, "[%s]", bar);
	}
	if (c->rate && r->rate && !r->quiet_s)
		screen_putf(s, a, row, c->rate, ROLE_TEXT, "%2u.%u kB/s", r->rate / 10, r->rate % 10);
}

/* Of one that runs, or waits. */
static void put_state(struct screen *s, const struct area *a, int row, const struct columns *c, const struct fleet_row *r)
{
	struct area inside = { a->y + row, a->x + c->step, 1, c->unplug - 1 - c->step };

	if (r->turn == TURN_ASKS)
		screen_put(s, &inside, 0, 0, ROLE_BUSY, _("ready for the answer"));
	else if (r->begun)
		screen_put(s, &inside, 0, 0, ROLE_BUSY, _(step_info(r->step)->label));
	else
		screen_put(s, &inside, 0, 0, ROLE_DIM, r->turn == TURN_WAITS ? _("waits") : _("begins"));
	if (r->turn != TURN_ASKS)
		put_bar(s, a, row, c, r);
}

static void put_row(struct screen *s, const struct area *a, int row, const struct columns *c, const struct fleet_row *r, bool cursor)
{
	char who[MODEL_SIZE + IMEI_SIZE + 2];

	screen_put(s, a, row, 0, ROLE_TEXT, cursor ? ">" : " ");
	put_port(s, a, row, c, cursor ? ROLE_FOCUS : ROLE_TEXT, r->port);
	if (c->who_width) {
		snprintf(who, sizeof(who), "%s %s", r->model, r->imei);
		screen_put(s, &(struct area){ a->y + row, a->x + c->who, 1, c->who_width }, 0, 0, ROLE_TEXT, who);
	}
	if (r->ended)
		put_result(s, a, row, c, r);
	else
		put_state(s, a, row, c, r);
	put_unplug(s, a, row, c, r->unplug);
}

static void put_heads(struct screen *s, const struct area *a, const struct columns *c)
{
	screen_put(s, a, 0, c->port, ROLE_DIM, _("port"));
	if (c->who_width)
		screen_put(s, a, 0, c->who, ROLE_DIM, _("module"));
	screen_put(s, a, 0, c->step, ROLE_DIM, _("step"));
	screen_put(s, a, 0, c->unplug, ROLE_DIM, _("unplug?"));
}

/* "16 modules: 3 run, 12 good, 1 failed", and how many plugs must stay in. */
static void draw_title(struct screen *s, const struct area *line, const struct fleet *f)
{
	struct fleet_counts n;
	struct area a = *line;
	char text[160];
	int column;

	fleet_count(f, &n);
	snprintf(text, sizeof(text), n.keep ? _("KEEP POWER ON: %zu") : _("all may be unplugged"), n.keep);
	a.w = screen_put_right(s, &a, 0, 1, n.keep ? ROLE_ALARM : ROLE_GOOD, text) - 1;
	if (a.w == line->w - 1) {	/* room for nothing else */
		screen_put(s, line, 0, 0, n.keep ? ROLE_ALARM : ROLE_GOOD, text);
		return;
	}
	column = screen_put(s, &a, 0, 1, ROLE_TITLE, "dfota") + 2;
	snprintf(text, sizeof(text), _("%zu modules: %zu run, %zu good, %zu failed"), f->count, n.running, n.good, n.failed);
	if (column + cells_width(text) > a.w)
		snprintf(text, sizeof(text), _("%zu run, %zu failed"), n.running, n.failed);
	if (column + cells_width(text) > a.w)
		snprintf(text, sizeof(text), _("%zu run"), n.running);
	screen_put(s, &a, 0, column, ROLE_TEXT, text);
}

static struct area body_of(struct area whole, bool framed)
{
	int edge = framed ? 1 : 0;

	return (struct area){ whole.y + 1 + edge, whole.x + edge, whole.h - 2 - 2 * edge, whole.w - 2 * edge };
}

static bool has_frame(struct area whole)
{
	return whole.w >= NARROW + 2 && whole.h >= 24;
}

int pane_fleet_rows(struct area whole)
{
	int rows = body_of(whole, has_frame(whole)).h - 1;

	return rows > 0 ? rows : 1;
}

void pane_fleet_draw(struct screen *s, const struct layout *layout, const struct view *v)
{
	const struct fleet *f = v->fleet.rows;
	struct area whole = screen_area(s), inside = body_of(whole, false);
	size_t rows = (size_t)pane_fleet_rows(whole), first = f->cursor < rows ? 0 : f->cursor - rows + 1;
	char status[64] = "";
	struct columns c;

	draw_title(s, &layout->title, f);
	if (f->count > rows)
		snprintf(status, sizeof(status), _("%zu to %zu of %zu"), first + 1, first + rows < f->count ? first + rows : f->count, f->count);
	if (has_frame(whole))
		inside = screen_frame(s, &inside, FRAME_PAGE, _("Modules"), status);
	c = columns_of(inside.w);
	put_heads(s, &inside, &c);
	for (size_t i = first; i < f->count && i < first + rows; i++)
		put_row(s, &inside, 1 + (int)(i - first), &c, &f->rows[i], i == f->cursor);
}
