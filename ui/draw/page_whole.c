#include "config.h"

#include "ui/draw/page.h"

#include <stdio.h>

#include "base/words.h"
#include "ui/draw/pane.h"

void page_whole(struct page *p, const struct view *v)
{
	const struct pane *pane = pane_of(v->focus);

	p->title = pane->title;
	pane->whole(p, v);
	if (!p->count)
		page_add_after(p, ROLE_DIM, "", _("nothing is shown here yet"));
	snprintf(p->hint, sizeof(p->hint), "%s", _("arrows move, any other key: back"));
}
