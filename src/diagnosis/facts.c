#include "config.h"

#include "diagnosis/facts.h"

#include <string.h>

#include "base/text.h"

#define DIAGNOSE_INFO(id, name, keep) [FACT_##id] = { name, keep },
static const struct {
	const char *name;
	enum keep keep;
} infos[] = { DIAGNOSE_FACTS(DIAGNOSE_INFO) };

enum fact_id fact_named(const char *name, size_t size)
{
	for (int i = 0; i < FACT_COUNT; i++)
		if (strlen(infos[i].name) == size && memcmp(infos[i].name, name, size) == 0)
			return (enum fact_id)i;
	return FACT_NONE;
}

static bool is_kept(const struct fact *f, enum keep keep, long value)
{
	switch (keep) {
	case KEEP_FIRST:
		return false;
	case KEEP_LAST:
		return true;
	case KEEP_LEAST:
		return value < f->value;
	case KEEP_MOST:
		return value > f->value;
	}
	return false;
}

bool facts_keeps(const struct pass *p, enum fact_id id, long value)
{
	const struct fact *f = &p->facts.of[id];

	return f->count == 0 || is_kept(f, infos[id].keep, value);
}

void facts_note_at(struct pass *p, enum fact_id id, uint64_t line,
		    int64_t t_ms, long value, const char *text)
{
	struct fact *f = &p->facts.of[id];
	bool kept = facts_keeps(p, id, value);

	f->count++;
	if (!kept)
		return;
	f->line = line;
	f->t_ms = t_ms;
	f->value = value;
	f->has_text = text != NULL;
	text_safe_str(f->text, sizeof(f->text), text ? text : "");
}

/* This line is evidence of ID. */
void facts_note(struct pass *p, enum fact_id id, long value, const char *text)
{
	facts_note_at(p, id, p->number, p->t_ms, value, text);
}

bool facts_seen(const struct pass *p, enum fact_id id)
{
	return p->facts.of[id].count > 0;
}

void facts_forget(struct pass *p, enum fact_id id)
{
	p->facts.of[id].count = 0;
}

const struct profile *facts_profile(const struct pass *p)
{
	const struct profile *profile = profile_by_name(p->identity.profile);

	return profile ? profile : profile_default();
}
