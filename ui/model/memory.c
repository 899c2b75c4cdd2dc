#include "config.h"

#include "ui/model/memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/redact.h"

#define LINE_SIZE (FIELD_SIZE + MODEL_SIZE + 16)
#define LINES_MAX (HISTORY_KINDS * HISTORY_COUNT)

/* Not all that has a history is worth it. */
static const char *const names[HISTORY_KINDS] = {
	[HISTORY_PORT] = "port",
	[HISTORY_URL] = "url",
	[HISTORY_USER] = "user",
	[HISTORY_FILE] = "file",
	[HISTORY_TARGET] = "target",
	[HISTORY_AT] = "at",
};

struct memory {
	struct remembered {
		enum history_kind kind;
		char model[MODEL_SIZE];
		char text[FIELD_SIZE];
	} lines[LINES_MAX];
	size_t count;
};

static bool find_place(char *out, size_t size)
{
	size_t length = paths_state(out, size, "typed");

	return length > 0 && length < size;
}

/* Behind those that are there, unless it is one of them, or there are enough. */
static void keep(struct memory *m, enum history_kind kind, const char *model, const char *text)
{
	struct remembered *line = &m->lines[m->count];
	unsigned of_kind = 0;

	for (size_t i = 0; i < m->count; i++) {
		of_kind += m->lines[i].kind == kind;
		if (m->lines[i].kind == kind && !strcmp(m->lines[i].text, text))
			return;
	}
	if (of_kind == HISTORY_COUNT)
		return;
	line->kind = kind;
	snprintf(line->model, sizeof(line->model), "%s", model);
	snprintf(line->text, sizeof(line->text), "%s", text);
	m->count++;
}

static void read_line(struct memory *m, char *line)
{
	char *model = strchr(line, '\t'), *text = model ? strchr(model + 1, '\t') : NULL;

	if (!text || !text[1] || strlen(text + 1) >= FIELD_SIZE || text - model > MODEL_SIZE)
		return;
	*model++ = *text++ = '\0';
	for (unsigned kind = 0; kind < HISTORY_KINDS; kind++)
		if (names[kind] && !strcmp(names[kind], line))
			keep(m, (enum history_kind)kind, model, text);
}

static void load(struct memory *m)
{
	char place[PATH_MAX], line[LINE_SIZE];
	struct stat st;
	FILE *f;
	int fd;

	/* O_NONBLOCK: whatever lies there, it is not waited for */
	fd = find_place(place, sizeof(place)) ? open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (!f)
		return;
	/* what we write ourselves has a line end, and no more lines than fit */
	for (int left = LINES_MAX; fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && left > 0 &&
	     fgets(line, sizeof(line), f); left--)
		if (strchr(line, '\n')) {
			line[strcspn(line, "\n")] = '\0';
			read_line(m, line);
		}
	fclose(f);
}

static void save(const struct memory *m)
{
	char place[PATH_MAX], temporary[PATH_MAX + 8];
	bool good;
	FILE *f;
	int fd;

	if (!find_place(place, sizeof(place)))
		return;
	paths_make_parents(place);
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", place);
	fd = mkostemp(temporary, O_CLOEXEC);	/* 0600 */
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return;
	for (size_t i = 0; i < m->count; i++)
		fprintf(f, "%s\t%s\t%s\n", names[m->lines[i].kind], m->lines[i].model, m->lines[i].text);
	good = !ferror(f);
	if (fclose(f) || !good || rename(temporary, place) < 0)
		unlink(temporary);
}

/* Text, and no secret in it. */
static bool may_be_kept(enum history_kind kind, const char *text)
{
	char shown[FIELD_SIZE * 4];
	struct redactor r;

	if (!names[kind] || !*text || strlen(text) >= FIELD_SIZE)
		return false;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	if (kind == HISTORY_URL)
		redact_url(shown, sizeof(shown), text);
	else if (kind == HISTORY_AT) {
		redactor_init(&r);
		redact(&r, shown, sizeof(shown), text, strlen(text));
	} else
		return true;
	return !strcmp(shown, text);
}

static bool holds(const struct memory *m, enum history_kind kind, const char *text)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->lines[i].kind == kind && !strcmp(m->lines[i].text, text))
			return true;
	return false;
}

void memory_recall(struct history histories[HISTORY_KINDS], const char *model)
{
	struct memory *m = malloc(sizeof(*m));	/* mostly short: not touched, as by calloc() */

	if (!m)
		return;
	m->count = 0;
	load(m);
	for (unsigned kind = 0; kind < HISTORY_KINDS; kind++) {
		struct history before = histories[kind];

		histories[kind] = (struct history){ .count = 0 };
		for (int own = 0; own < 2; own++)
			for (size_t i = m->count; i-- > 0;)
				if (m->lines[i].kind == kind && (*model && !strcmp(m->lines[i].model, model)) == own)
					history_add(&histories[kind], m->lines[i].text);
		for (size_t i = 0; i < before.count; i++)
			if (!holds(m, (enum history_kind)kind, before.items[i]))
				history_add(&histories[kind], before.items[i]);
		history_free(&before);
	}
	free(m);
}

void memory_add(enum history_kind kind, const char *model, const char *text)
{
	struct memory *all = calloc(2, sizeof(*all));

	if (all && may_be_kept(kind, text) && !strpbrk(model, "\t\n")) {
		load(&all[1]);
		keep(&all[0], kind, model, text);
		for (size_t i = 0; i < all[1].count; i++)
			keep(&all[0], all[1].lines[i].kind, all[1].lines[i].model, all[1].lines[i].text);
		save(&all[0]);
	}
	free(all);
}

char *memory_port(const char *folder, const char *node, char out[FIELD_SIZE])
{
	char link[PATH_MAX], found[FIELD_SIZE] = "", target[PATH_MAX], wanted[PATH_MAX];
	DIR *links = realpath(node, wanted) ? opendir(folder) : NULL;
	const struct dirent *entry;
	int count = 0;

	while (links && (entry = readdir(links)) != NULL) {
		int size = snprintf(link, sizeof(link), "%s/%s", folder, entry->d_name);

		if (size >= FIELD_SIZE || !realpath(link, target) || strcmp(target, wanted) != 0)
			continue;
		memcpy(found, link, (size_t)size + 1);
		count++;
	}
	if (links)
		closedir(links);
	snprintf(out, FIELD_SIZE, "%s", count == 1 ? found : node);
	return out;
}
