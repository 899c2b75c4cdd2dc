#include "config.h"

#include "ui/draw/page.h"

#include <stdio.h>

#include "base/words.h"

void page_report(struct page *p, const struct view *v)
{
	p->title = N_(" Report for support ");
	page_add(p, ROLE_TEXT, "What", "one Markdown file: summary, time line, diagnosis, the lines around errors, versions, digests; no passwords");
	page_add(p, ROLE_TEXT, "Of", "%s", v->record);
	if (v->job.running)
		page_add(p, ROLE_BUSY, "", "the upgrade still runs: the report ends now");
	page_gap(p);
	page_add(p, ROLE_TITLE, "Names", "%s", v->anonymize ? _("( ) as they are   (*) anonymized") :
		 _("(*) as they are   ( ) anonymized"));
	page_add(p, ROLE_TEXT, "", "Tab changes it. Anonymized: IMEI, SIM and telephone numbers, addresses and host names become stand-ins, the same one for the same value.");
	page_gap(p);
	page_add_after(p, ROLE_TEXT, "", _("Enter writes it, Ctrl-C leaves it."));
	snprintf(p->hint, sizeof(p->hint), "%s", _("File: "));
}
