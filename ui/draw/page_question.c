#include "config.h"

#include "ui/draw/page.h"

#include <stdio.h>

#include "base/text.h"
#include "base/words.h"

/* What the preparation found, the gravest first. */
static void add_facts(struct page *p, const struct question *q)
{
	char text[TEXT_SIZE];
	size_t i;

	for (i = 0; i < q->fact_count; i++) {
		bool warns = message_info(q->facts[i].id)->severity != SEVERITY_INFO;

		page_add(p, warns ? ROLE_BUSY : ROLE_TEXT, warns ? N_("Warning") : N_("Note"), "%s",
			 message_text(&q->facts[i], FOR_SCREEN, text, sizeof(text)));
	}
}

void page_question(struct page *p, const struct view *v)
{
	const struct question *q = &v->question;
	char count[28];

	p->title = N_(" Upgrade this module? ");
	page_add_after(p, ROLE_ALARM, "", _("From here on the module needs its power until it is back."));
	page_gap(p);
	page_add(p, ROLE_TEXT, "Module", "%s %s  IMEI %s", q->module.maker, q->module.model, q->module.imei);
	page_add(p, ROLE_TEXT, "Port", "%s", q->module.port);
	page_add(p, ROLE_TEXT, "From", "%s", q->from);
	page_add(p, ROLE_TEXT, "To", "%s", q->to[0] ? q->to : _("not known"));
	page_add(p, ROLE_TEXT, "Package", "%s", q->package);
	if (q->size)
		page_add(p, ROLE_TEXT, "Size", "%s bytes", text_count(count, q->size));
	else
		page_add(p, ROLE_TEXT, "Size", "not known");
	page_add(p, ROLE_TEXT, "SHA-256", "%s", q->sha256[0] ? q->sha256 : _("not known"));
	page_add(p, ROLE_TEXT, "Deliver", "%s", route_info(q->route)->serial ?
		 _("this computer sends it over the serial port") : _("the module downloads it by itself"));
	page_add(p, ROLE_TITLE, "Command", "%s", q->command);
	add_facts(p, q);
	snprintf(p->hint, sizeof(p->hint), "%s", _("Type yes and Enter to go on, no and Enter to stop: "));
}
