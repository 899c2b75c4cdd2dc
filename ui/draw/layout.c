#include "config.h"

#include "ui/draw/layout.h"

#include <string.h>

#include "base/words.h"
#include "ui/term/cells.h"

/* Heights with their frames at 80 x 24. */
#define TOP_ROWS 8
#define PROGRESS_ROWS 5
#define RESULT_ROWS 4	/* more for a result, at most */

/* The smallest size of each shape, largest first. */
static const struct {
	enum shape shape;
	int w, h;
} shapes[] = {
	{ SHAPE_WIDE, 120, 24 },
	{ SHAPE_FULL, 80, 24 },
	{ SHAPE_FOLDED, 60, 16 },
	{ SHAPE_SINGLE, 20, 5 },
	{ SHAPE_NOTHING, 0, 0 },
};

/* What a result says, and the next step beside it, takes more rows than there
 * are: so many. */
static int result_rows(const struct view *v, int width)
{
	const struct result *r = &v->result;
	char words[TEXT_SIZE];
	int rows = cells_rows(_(outcome_info(r->outcome)->title), width);

	rows += cells_rows(message_text(&r->what, FOR_SCREEN, words, sizeof(words)), width);
	rows += cells_rows(findings_next(&v->diagnosis, r), width);
	if (v->open_count)
		rows += 2;
	rows -= PROGRESS_ROWS - 3;	/* the frame, and the steps */
	return rows < 0 ? 0 : rows < RESULT_ROWS ? rows : RESULT_ROWS;
}

/* A notice gets a row of its own while there is one, a long one two. */
static int progress_rows(const struct view *v, int width)
{
	int rows = PROGRESS_ROWS + (v->replay.on ? VIEW_TIME_ROWS : 0);

	if (!v->job.running && v->has_result)
		return rows + result_rows(v, width - 4);
	if (!view_notices(v) || !v->job.running)
		return rows;
	return rows + (cells_width(v->notices[0].text) > width - 4 ? 2 : 1);
}

static int top_rows(const struct view *v)
{
	return TOP_ROWS + (view_publishes(v) ? VIEW_PUBLISH_ROWS : 0);
}

static void make_single(struct layout *l, const struct view *v, struct area body)
{
	l->framed = false;
	l->tabs = (struct area){ body.y, body.x, 1, body.w };
	l->panes[v->focus] = (struct area){ body.y + 1, body.x, body.h - 1, body.w };
}

static void make_folded(struct layout *l, const struct view *v, struct area body)
{
	enum pane_id middle = v->focus == PANE_PROGRESS ? PANE_LOG : v->focus;
	int low = progress_rows(v, body.w);

	l->lines[PANE_PORT] = (struct area){ body.y, body.x, 1, body.w };
	l->lines[PANE_SOURCE] = (struct area){ body.y + 1, body.x, 1, body.w };
	l->panes[middle] = (struct area){ body.y + 2, body.x, body.h - 2 - low, body.w };
	l->panes[PANE_PROGRESS] = (struct area){ body.y + body.h - low, body.x, low, body.w };
}

static void make_full(struct layout *l, const struct view *v, struct area body)
{
	int spare = (body.h - 22) / 4;
	int top = top_rows(v) + spare, low = progress_rows(v, body.w) + (spare < 4 ? spare : 4);
	int left = body.w * 34 / 80;

	l->panes[PANE_PORT] = (struct area){ body.y, body.x, top, left };
	l->panes[PANE_SOURCE] = (struct area){ body.y, body.x + left, top, body.w - left };
	l->panes[PANE_LOG] = (struct area){ body.y + top, body.x, body.h - top - low, body.w };
	l->panes[PANE_PROGRESS] = (struct area){ body.y + body.h - low, body.x, low, body.w };
}

static void make_wide(struct layout *l, const struct view *v, struct area body)
{
	int left = body.w / 2, least = progress_rows(v, left) + 1;
	int middle = top_rows(v), spare = body.h - TOP_ROWS - middle - least;
	int low = least + (spare > 0 ? spare / 3 : 0), top = body.h - middle - low;

	l->panes[PANE_PORT] = (struct area){ body.y, body.x, top, left };
	l->panes[PANE_SOURCE] = (struct area){ body.y + top, body.x, middle, left };
	l->panes[PANE_PROGRESS] = (struct area){ body.y + top + middle, body.x, low, left };
	l->panes[PANE_LOG] = (struct area){ body.y, body.x + left, body.h, body.w - left };
}

void layout_make(struct layout *l, struct area whole, const struct view *v)
{
	struct area body = { whole.y + 1, whole.x, whole.h - 2, whole.w };
	unsigned i = 0;

	memset(l, 0, sizeof(*l));
	while (whole.w < shapes[i].w || whole.h < shapes[i].h)
		i++;
	l->shape = shapes[i].shape;
	l->framed = true;
	l->title = (struct area){ whole.y, whole.x, 1, whole.w };
	l->bar = (struct area){ whole.y + whole.h - 1, whole.x, 1, whole.w };
	switch (l->shape) {
	case SHAPE_NOTHING:
		break;
	case SHAPE_SINGLE:
		make_single(l, v, body);
		break;
	case SHAPE_FOLDED:
		make_folded(l, v, body);
		break;
	case SHAPE_FULL:
		make_full(l, v, body);
		break;
	case SHAPE_WIDE:
		make_wide(l, v, body);
		break;
	}
}

int layout_log_rows(const struct layout *l)
{
	int rows = l->panes[PANE_LOG].h - (l->framed ? 2 : 0);

	return rows > 0 ? rows : 1;
}
