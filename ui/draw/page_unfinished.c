#include "config.h"

#include "ui/draw/page.h"

#include <stdio.h>
#include <time.h>

#include "base/text.h"
#include "base/words.h"

static void add_row(struct page *p, const struct open_upgrade *open, bool under_cursor)
{
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text), "%s  IMEI %s  %s%s", open->module.model, open->module.imei, open->module.port,
		 open->live_pid ? _("  (in use)") : "");
	if (under_cursor)
		p->marked = p->count;
	page_add_after(p, under_cursor ? ROLE_FOCUS : ROLE_TEXT, under_cursor ? "> " : "  ", text);
}

static void add_since(struct page *p, const struct open_upgrade *open)
{
	time_t when = (time_t)open->when_s;
	char text[40];
	struct tm tm;

	if (open->when_s > 0 && gmtime_r(&when, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm))
		page_add(p, ROLE_TEXT, "Since", "%s", text);
}

/* What happens when it is chosen, or why it can't be. */
static void add_choice(struct page *p, const struct open_upgrade *open)
{
	if (open->live_pid > 0)
		page_add(p, ROLE_BAD, "In use", "process %d is running this upgrade: Enter watches it here, live, and changes nothing in it", open->live_pid);
	else if (open->live_pid)
		page_add(p, ROLE_BAD, "In use", "another program is running this upgrade: Enter watches it here, live, and changes nothing in it");
	if (open->live_pid)
		return;
	page_add(p, ROLE_TEXT, "Then", "dfota listens, then reads the version, which decides the outcome; nothing is sent that changes the module");
}

void page_unfinished(struct page *p, const struct view *v)
{
	const struct open_upgrade *open = &v->open[v->open_row];
	char state[TEXT_SIZE];
	size_t i;

	p->title = N_(" Unfinished ");
	page_add_after(p, ROLE_ALARM, "", v->open_count > 1 ?
		       _("Upgrades are unfinished. Their modules may still be installing: they must stay powered.") : open->live_pid ?
		       _("An upgrade runs in another program. The module must stay powered.") :
		       _("An upgrade is unfinished. The module may still be installing: it must stay powered."));
	for (i = 0; v->open_count > 1 && i < v->open_count; i++)
		add_row(p, &v->open[i], i == v->open_row);
	page_gap(p);
	page_add(p, ROLE_TEXT, "Module", "%s  IMEI %s", open->module.model, open->module.imei);
	page_add(p, ROLE_TEXT, "Port", "%s", open->module.port);
	page_add(p, ROLE_TEXT, "From", "%s", open->module.version);
	page_add(p, ROLE_TEXT, "To", "%s", open->to);
	page_add(p, ROLE_TITLE, open->live_pid ? N_("Now") : N_("Broke off"), open->unknown ?
		 N_("%s, in the step %s; its outcome is not known") : N_("%s, in the step %s"),
		 message_plain(open_state(open), FOR_SCREEN, state, sizeof(state)), _(step_info(open->step)->label));
	add_since(p, open);
	add_choice(p, open);
	page_add(p, ROLE_DIM, "Record", "%s", open->record);
	snprintf(p->hint, sizeof(p->hint), "%s%s%s",
		 open->live_pid ? _("Enter: watch it live  ") : _("Enter: keep watching  "),
		 v->open_count > 1 ? _("Up Down: another  ") : "", _("n: later"));
}
