#include "config.h"

#include "ui/draw/page.h"

#include <stdio.h>

#include "base/text.h"
#include "base/words.h"

void page_add_package(struct page *p, const struct question *q)
{
	char count[28];

	page_add(p, ROLE_TEXT, "Package", "%s", q->package);
	if (q->size)
		page_add(p, ROLE_TEXT, "Size", "%s bytes", text_count(count, q->size));
	else
		page_add(p, ROLE_TEXT, "Size", "not known");
	page_add(p, ROLE_TEXT, "SHA-256", "%s", q->sha256[0] ? q->sha256 : _("not known"));
	page_add(p, ROLE_TEXT, "Deliver", "%s", route_info(q->route)->serial ?
		 _("this computer sends it over the serial port") : _("the module downloads it by itself"));
	page_add(p, ROLE_TITLE, "Command", "%s", q->command);
}

void page_add_fact(struct page *p, const struct message *fact)
{
	bool warns = message_info(fact->id)->severity != SEVERITY_INFO;
	char text[TEXT_SIZE];

	page_add(p, warns ? ROLE_BUSY : ROLE_TEXT, warns ? N_("Warning") : N_("Note"), "%s",
		 message_text(fact, FOR_SCREEN, text, sizeof(text)));
}

void page_question(struct page *p, const struct view *v)
{
	const struct question *q = &v->question;

	p->title = N_(" Upgrade this module? ");
	page_add_after(p, ROLE_ALARM, "", _("From here on the module needs its power until it is back."));
	page_gap(p);
	page_add(p, ROLE_TEXT, "Module", "%s %s  IMEI %s", q->module.maker, q->module.model, q->module.imei);
	page_add(p, ROLE_TEXT, "Port", "%s", q->module.port);
	page_add(p, ROLE_TEXT, "From", "%s", q->from);
	page_add(p, ROLE_TEXT, "To", "%s", q->to[0] ? q->to : _("not known"));
	page_add_package(p, q);
	for (size_t i = 0; i < q->fact_count; i++)	/* the gravest first */
		page_add_fact(p, &q->facts[i]);
	snprintf(p->hint, sizeof(p->hint), "%s", _("Type yes and Enter to go on, no and Enter to stop: "));
}
