#include "config.h"

#include "ui/model/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Where a line lies in the byte ring: text, NUL, then raw when it differs. */
struct slot {
	int64_t t_ms;
	uint32_t offset;
	uint16_t text_size, raw_size;
	uint8_t kind, urc, error, same;
};

struct log {
	struct slot *slots;	/* ring, by number */
	uint64_t *shown;	/* by position: a ring, or over a source a list */
	uint64_t shown_mask;	/* of the ring; all bits of the list */
	uint32_t lines, size;	/* of a store: how many it has at most, and bytes of them */
	size_t shown_room;	/* of the list */
	char *bytes;		/* ring of whole lines */
	uint64_t first, end;
	uint64_t shown_first, shown_end;
	uint64_t found_end;	/* positions, with those to come */
	uint32_t used_to;	/* where the newest line ends in bytes */
	const struct log_source *source;	/* NULL: a store */
	void *context;
	uint64_t looked_to;	/* numbers of the source looked at */
	char filter[LOG_FILTER_SIZE];
	bool urc_only;
};

static struct slot *slot_of(const struct log *log, uint64_t number)
{
	return &log->slots[number & (log->lines - 1)];
}

/* The least of any system: none is missed. */
#define PAGE 4096

struct log *log_new(void)
{
	struct log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->slots = calloc(LOG_LINES, sizeof(*log->slots));
	log->shown = calloc(LOG_LINES, sizeof(*log->shown));
	log->bytes = calloc(LOG_BYTES, 1);
	if (!log->slots || !log->shown || !log->bytes) {
		log_free(log);
		return NULL;
	}
	log_share(log, 1);
	return log;
}

void log_share(struct log *log, uint32_t among)
{
	assert(among >= 1 && among <= 64 && log->end == 0);	/* the longest line still fits */
	log->lines = LOG_LINES;
	while (log->lines > LOG_LINES / among)
		log->lines /= 2;
	log->size = LOG_BYTES / among;
	log->shown_mask = log->lines - 1;
}

/* Touch each page of BLOCK, which is as it was. */
static void have(void *block, size_t size)
{
	volatile char *at = block;

	for (size_t i = 0; i < size; i += PAGE)
		at[i] = at[i];
}

void log_reserve(struct log *log)
{
	if (log->source)
		return;
	have(log->slots, log->lines * sizeof(*log->slots));
	have(log->shown, log->lines * sizeof(*log->shown));
	have(log->bytes, log->size);
}

struct log *log_over(const struct log_source *source, void *context)
{
	struct log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->shown_mask = UINT64_MAX;
	log->source = source;
	log->context = context;
	log_grow(log);
	return log;
}

void log_free(struct log *log)
{
	if (!log)
		return;
	free(log->slots);
	free(log->shown);
	free(log->bytes);
	free(log);
}

static void drop_oldest(struct log *log)
{
	log->first++;
	while (log->shown_first < log->shown_end &&
	       log_shown(log, log->shown_first) < log->first)
		log->shown_first++;
}

/* Find room for SIZE bytes in one piece, dropping old lines as needed. */
static uint32_t make_room(struct log *log, uint32_t size)
{
	while (log->first < log->end) {
		uint32_t tail = slot_of(log, log->first)->offset;
		bool wrapped = log->used_to <= tail;

		if (log->end - log->first == log->lines) {
			drop_oldest(log);
			continue;
		}
		if (wrapped && tail - log->used_to > size)
			return log->used_to;
		if (!wrapped && log->size - log->used_to >= size)
			return log->used_to;
		if (!wrapped && tail > size)
			return 0;
		drop_oldest(log);
	}
	return 0;
}

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Not strcasestr(): what it takes for the same letter depends on the locale. */
static bool contains(const char *text, const char *part)
{
	size_t i;

	for (; *text; text++) {
		for (i = 0; part[i] && fold(text[i]) == fold(part[i]); i++)
			;
		if (!part[i])
			return true;
	}
	return !*part;
}

static void show_if_wanted(struct log *log, uint64_t number)
{
	const struct slot *s = slot_of(log, number);

	if (log->urc_only && !s->urc)
		return;
	if (log->filter[0] && !contains(log->bytes + s->offset, log->filter))
		return;
	log->shown[log->shown_end++ & log->shown_mask] = number;
	log->found_end = log->shown_end;
}

static bool has_room(struct log *log)
{
	size_t room = log->shown_room ? log->shown_room * 2 : 1024;
	uint64_t *shown;

	if (log->found_end < log->shown_room)
		return true;
	shown = realloc(log->shown, room * sizeof(*shown));
	if (!shown)
		return false;
	log->shown = shown;
	log->shown_room = room;
	return true;
}

bool log_unfinished(const struct log *log)
{
	return log->source && log->looked_to < log->source->count(log->context);
}

bool log_grow(struct log *log)
{
	uint64_t part = log->filter[0] ? LOG_PART : UINT64_MAX;

	while (part-- && log_unfinished(log)) {
		uint64_t number = log->looked_to - 1;

		if (!has_room(log) || !log->source->next(log->context, number, log->filter, log->urc_only, &number))
			number = log->source->count(log->context) - 1;
		else
			log->shown[log->found_end++] = number;
		log->looked_to = number + 1;
	}
	if (log->source)
		log_set_end(log, log->end);
	return log_unfinished(log);
}

void log_set_end(struct log *log, uint64_t end)
{
	log->end = end;
	log->shown_end = log_shown_at(log, end);
}

void log_add(struct log *log, const struct log_line *line)
{
	size_t text_size = strnlen(line->text, UINT16_MAX);
	size_t raw_size = line->raw ? line->raw_size : 0;
	struct slot s = { .t_ms = line->t_ms, .kind = (uint8_t)line->kind,
			  .urc = line->urc, .error = line->error };

	if (log->source)
		return;
	assert(raw_size <= UINT16_MAX);
	s.same = !line->raw || (raw_size == text_size && !memcmp(line->raw, line->text, text_size));
	if (s.same)
		raw_size = 0;
	s.text_size = (uint16_t)text_size;
	s.raw_size = (uint16_t)raw_size;
	s.offset = make_room(log, (uint32_t)(text_size + 1 + raw_size));
	memcpy(log->bytes + s.offset, line->text, text_size);
	log->bytes[s.offset + text_size] = '\0';
	if (raw_size)
		memcpy(log->bytes + s.offset + text_size + 1, line->raw, raw_size);
	log->used_to = s.offset + (uint32_t)(text_size + 1 + raw_size);
	*slot_of(log, log->end) = s;
	show_if_wanted(log, log->end++);
}

uint64_t log_first(const struct log *log)
{
	return log->first;
}

uint64_t log_end(const struct log *log)
{
	return log->end;
}

bool log_get(const struct log *log, uint64_t number, struct log_line *line)
{
	const struct slot *s;

	if (log->source)
		return log->source->get(log->context, number, line);
	if (number < log->first || number >= log->end)
		return false;
	s = slot_of(log, number);
	*line = (struct log_line){
		.t_ms = s->t_ms, .kind = (enum log_kind)s->kind, .urc = s->urc,
		.error = s->error, .text = log->bytes + s->offset,
	};
	line->raw = (const unsigned char *)line->text + (s->same ? 0 : s->text_size + 1);
	line->raw_size = s->same ? s->text_size : s->raw_size;
	return true;
}

bool log_holds(const struct log *log, uint64_t number, const char *text)
{
	struct log_line line;

	return log_get(log, number, &line) && contains(line.text, text);
}

void log_filter(struct log *log, const char *text, bool urc_only)
{
	uint64_t number;

	memset(log->filter, 0, sizeof(log->filter));
	memcpy(log->filter, text, strnlen(text, sizeof(log->filter) - 1));
	log->urc_only = urc_only;
	log->shown_first = log->shown_end = log->found_end = 0;
	if (log->source) {
		log->looked_to = 0;
		log_grow(log);
		return;
	}
	for (number = log->first; number < log->end; number++)
		show_if_wanted(log, number);
}

uint64_t log_shown_first(const struct log *log)
{
	return log->shown_first;
}

uint64_t log_shown_end(const struct log *log)
{
	return log->shown_end;
}

uint64_t log_found_end(const struct log *log)
{
	return log->found_end;
}

uint64_t log_shown(const struct log *log, uint64_t position)
{
	assert(position >= log->shown_first && position < log->found_end);
	return log->shown[position & log->shown_mask];
}

uint64_t log_shown_at(const struct log *log, uint64_t number)
{
	uint64_t low = log->shown_first, high = log->found_end;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (log_shown(log, middle) < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
