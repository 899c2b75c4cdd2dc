#include "config.h"

#include "tests/simulate/world.h"

#include <stdio.h>
#include <string.h>

/* How often a kind of a theme is drawn. */
#define THEME_PER_MILLE 400

static uint64_t next(uint64_t *state)
{
	/* splitmix64 */
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* Small numbers are as likely as large ones: each doubling of the distance
 * from the least has the same share. */
static long pick(uint64_t *state, const struct range *r)
{
	uint64_t span = (uint64_t)(r->max - r->min);
	unsigned bits = 0;

	if (span <= 16)
		return r->min + (long)(next(state) % (span + 1));
	while (bits < 63 && span >> bits)
		bits++;
	bits = 2 + (unsigned)(next(state) % (bits - 1));
	span = next(state) % ((UINT64_C(1) << bits) < span ? UINT64_C(1) << bits : span + 1);
	return r->min + (long)span;
}

/* Does NAMES, with blanks between, hold NAME? */
static bool holds(const char *names, const char *name)
{
	size_t size = strlen(name);

	for (const char *p = names; (p = strstr(p, name)); p += size)
		if ((p == names || p[-1] == ' ') && (p[size] == ' ' || !p[size]))
			return true;
	return false;
}

void world_draw(struct world *w, uint64_t seed, const char *theme)
{
	uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	/* many worlds with few faults, few with many */
	unsigned calm = (unsigned)(next(&state) % 4);
	const struct kind *k;

	memset(w, 0, sizeof(*w));
	for (size_t i = 0; (k = kind_row(i)) && w->count < WORLD_FACTS; i++) {
		struct fact f = {.kind = k};
		uint64_t dice = next(&state) % 1000;

		for (size_t j = 0; j < WORLD_NUMBERS; j++)
			f.n[j] = pick(&state, &k->n[j]);
		if (k->per_mille < 200 && !theme)
			dice <<= calm;
		if (theme ? holds(theme, k->name) && dice < THEME_PER_MILLE : dice < (uint64_t)k->per_mille)
			w->facts[w->count++] = f;
	}
}

char *world_print(const struct world *w, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < w->count && used < size; i++) {
		const struct fact *f = &w->facts[i];

		used += (size_t)snprintf(out + used, size - used, "%s", f->kind->name);
		for (size_t j = 0; j < WORLD_NUMBERS && used < size; j++)
			if (f->kind->n[j].max)
				used += (size_t)snprintf(out + used, size - used, " %ld", f->n[j]);
		if (used < size)
			used += (size_t)snprintf(out + used, size - used, "\n");
	}
	return out;
}

static bool parse_line(struct world *w, const char *line)
{
	struct fact f = {0};
	char name[32];
	int n = sscanf(line, "%31s %ld %ld %ld", name, &f.n[0], &f.n[1], &f.n[2]);

	if (n < 1 || name[0] == '#')
		return true;
	for (size_t i = 0; (f.kind = kind_row(i)); i++)
		if (strcmp(f.kind->name, name) == 0)
			break;
	if (!f.kind || w->count == WORLD_FACTS)
		return false;
	w->facts[w->count++] = f;
	return true;
}

bool world_parse(struct world *w, const char *text, char *wrong, size_t wrong_size)
{
	memset(w, 0, sizeof(*w));
	while (*text) {
		size_t size = strcspn(text, "\n");
		char line[256];

		snprintf(line, sizeof(line), "%.*s", (int)size, text);
		if (!parse_line(w, line)) {
			snprintf(wrong, wrong_size, "%s", line);
			return false;
		}
		text += size + (text[size] == '\n');
	}
	return true;
}

unsigned world_flags(const struct world *w)
{
	unsigned flags = 0;

	for (size_t i = 0; i < w->count; i++)
		flags |= w->facts[i].kind->flags;
	return flags;
}
