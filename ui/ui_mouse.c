#include "config.h"

#include "ui/ui_mouse.h"

#include "ui/draw/draw.h"
#include "ui/draw/pane.h"
#include "ui/draw/pane_browser.h"
#include "ui/ui_state.h"

bool ui_mouse_serves(enum mode mode)
{
	return mode != MODE_QUESTION && mode != MODE_CONFIRM && mode != MODE_UNFINISHED;
}

bool ui_mouse_is(const struct key *key)
{
	return key->code == K_CLICK || key->code == K_WHEEL_UP || key->code == K_WHEEL_DOWN;
}

/* MOUSE stands for COUNT times the key CODE. */
static int repeat(const struct key *mouse, int code, int count, struct key keys[UI_MOUSE_KEYS])
{
	for (int i = 0; i < count; i++)
		keys[i] = (struct key){ .code = code, .pasted = mouse->pasted };
	return count;
}

static int turn_wheel(const struct key *mouse, int count, struct key keys[UI_MOUSE_KEYS])
{
	return repeat(mouse, mouse->code == K_WHEEL_UP ? K_UP : K_DOWN, count, keys);
}

/* The place under the cursor of PANE, as a number. */
static size_t cursor_of(const struct view *v, enum pane_id pane)
{
	return pane == PANE_PORT ? view_port_cursor(v) : v->item;
}

static int press_pane(struct view *v, const struct key *mouse, const struct pointed *p,
		      struct key keys[UI_MOUSE_KEYS])
{
	const struct pane *pane = pane_of(p->pane);
	bool had = v->focus == p->pane;
	size_t before = cursor_of(v, p->pane);

	v->message[0] = '\0';
	v->focus = p->pane;
	if (!pane->point || p->row < 0 || !pane->point(v, &p->inside, p->row, p->column))
		return 0;
	return had && cursor_of(v, p->pane) == before ? repeat(mouse, K_ENTER, 1, keys) : 0;
}

static int in_panes(struct ui *u, const struct key *mouse, struct key keys[UI_MOUSE_KEYS])
{
	struct view *v = &u->view;
	struct pointed p = draw_pointed(u->screen, v, mouse->y, mouse->x);

	if (p.what == POINTED_ACTION)
		return mouse->code == K_CLICK ? repeat(mouse, action_info(p.action)->keys[0], 1, keys) : 0;
	if (p.what != POINTED_PANE)
		return 0;
	if (mouse->code == K_CLICK)
		return press_pane(v, mouse, &p, keys);
	v->focus = p.pane;
	return turn_wheel(mouse, p.pane == PANE_LOG ? UI_MOUSE_KEYS : 1, keys);
}

static int in_browser(struct ui *u, const struct key *mouse, struct key keys[UI_MOUSE_KEYS])
{
	struct view *v = &u->view;
	struct area body = screen_area(u->screen);
	size_t before = v->browser.cursor;

	if (mouse->code != K_CLICK)
		return turn_wheel(mouse, 1, keys);
	body.y++;
	body.h -= 2;
	if (!browse_point(v, &body, mouse->y))
		return 0;
	return v->browser.cursor == before ? repeat(mouse, K_ENTER, 1, keys) : 0;
}

int ui_mouse_keys(struct ui *u, const struct key *mouse, struct key keys[UI_MOUSE_KEYS])
{
	switch (u->view.mode) {
	case MODE_PANES:
		return in_panes(u, mouse, keys);
	case MODE_BROWSE:
		return in_browser(u, mouse, keys);
	case MODE_RESULT:
	case MODE_HELP:
	case MODE_WHOLE:
	case MODE_DIAGNOSIS:
		return mouse->code == K_CLICK ? 0 : turn_wheel(mouse, UI_MOUSE_KEYS, keys);
	case MODE_EDIT:
	case MODE_PROMPT:
	case MODE_REPORT:
	case MODE_QUESTION:
	case MODE_CONFIRM:
	case MODE_UNFINISHED:
		break;
	}
	return 0;
}
