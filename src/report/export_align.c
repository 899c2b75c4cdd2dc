#include "config.h"

#include "report/state.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000

/* A stage that a built-in module may be in has come; the one before it. */
struct aligner {
	struct story *s;
	enum stage reached;
	size_t last_end;	/* the last END there is, SIZE_MAX none */
	bool over;		/* a built-in module stops here by itself */
};

/* --- the answer to the command */

/* What began it, or its refusal; moments before it came with the answer. */
static size_t align_command(struct aligner *a)
{
	struct story *s = a->s;

	for (size_t i = 0; i < s->count; i++) {
		struct moment *m = &s->moments[i];

		if (m->what != MOMENT_LINE || m->class == AT_ERROR)
			break;
		if (s->pull ? m->class == AT_OK : m->class == AT_CONNECT) {
			m->stage = a->reached = STAGE_COMMAND;
			return i + 1;
		}
		if (s->pull && m->kind != FOTA_NONE && m->kind != FOTA_END) {
			s->answer_lost = true;
			a->reached = STAGE_COMMAND;
			return i;
		}
	}
	s->refused = true;
	return s->count;
}

/* --- the package over the wire */

/* The last block is out: the module says OK, or why not. */
static size_t align_data_end(struct aligner *a, size_t from)
{
	struct story *s = a->s;

	for (size_t i = from; i < s->count; i++) {
		struct moment *m = &s->moments[i];

		if (m->number < s->data_last)
			continue;
		if (m->what != MOMENT_LINE || m->class == AT_ERROR || m->kind != FOTA_NONE)
			return i;
		if (m->class == AT_OK) {
			m->stage = a->reached = STAGE_DATA_END;
			return i + 1;
		}
	}
	return s->count;
}

/* --- its own course */

static bool take_percent(struct aligner *a, const struct moment *m)
{
	struct story *s = a->s;
	long last = s->percent_count ? s->percents[s->percent_count - 1] : -1;

	if (a->reached > STAGE_UPDATING || !m->counts || m->value <= last)
		return false;
	if (!s->percent_count && m->kind == FOTA_RESTORE)
		story_set(s, "updating-word", "RESTORE");
	s->percents[s->percent_count++] = m->value;
	return true;
}

/* The stage that line I is of, if a built-in module can come to it from here. */
static enum stage stage_of(struct aligner *a, size_t i)
{
	const struct moment *m = &a->s->moments[i];
	bool pull = a->s->pull;

	switch (m->kind) {
	case FOTA_SOURCE_START:
		return pull && a->reached < STAGE_DOWNLOAD ? STAGE_DOWNLOAD : STAGE_NONE;
	case FOTA_SOURCE_END:
		return pull && m->counts && a->reached < STAGE_DOWNLOAD_END ? STAGE_DOWNLOAD_END : STAGE_NONE;
	case FOTA_START:
		return a->reached < STAGE_START ? STAGE_START : STAGE_NONE;
	case FOTA_UPDATING:
	case FOTA_RESTORE:
		return take_percent(a, m) ? STAGE_UPDATING : STAGE_NONE;
	case FOTA_END:
		/* a package that it refuses without having begun has no stage of its own */
		return i == a->last_end && (m->value == 0 || a->reached >= STAGE_START) ? STAGE_END : STAGE_NONE;
	case FOTA_NONE:
	case FOTA_DOWNLOADING:
	case FOTA_RESUMED:
		break;
	}
	return STAGE_NONE;
}

static void align_course(struct aligner *a, size_t from)
{
	struct story *s = a->s;

	for (size_t i = from; i < s->count && !a->over; i++) {
		struct moment *m = &s->moments[i];

		if (m->what != MOMENT_LINE)
			continue;
		m->stage = stage_of(a, i);
		if (m->stage == STAGE_NONE)
			continue;
		a->reached = m->stage;
		if ((m->stage == STAGE_END || m->stage == STAGE_DOWNLOAD_END) && m->value != 0)
			a->over = true;
		if (m->stage == STAGE_DOWNLOAD_END && m->value != 0)
			story_set_number(s, "source-code", m->value);
		if (m->stage == STAGE_END && m->value != 0)
			story_set_number(s, "end-code", m->value);
	}
}

/* The restart that ends a flash: the first absence after what was told last. */
static void align_restart(struct aligner *a)
{
	struct story *s = a->s;
	size_t last = 0;

	for (size_t i = 0; i < s->count; i++)
		if (s->moments[i].stage != STAGE_NONE)
			last = i;
	for (size_t i = last; i < s->count && a->reached < STAGE_BOOT; i++) {
		struct moment *m = &s->moments[i];

		if (m->what == MOMENT_GONE && a->reached < STAGE_REBOOT)
			m->stage = a->reached = STAGE_REBOOT;
		else if (m->what == MOMENT_BACK && a->reached == STAGE_REBOOT)
			m->stage = a->reached = STAGE_BOOT;
	}
}

/* --- what follows for the settings */

size_t story_usual_percents(long out[101])
{
	struct sim_settings usual;
	struct at_fields f;
	size_t count = 0;

	sim_settings_init(&usual, false);
	f = at_fields((struct slice){ usual.percents, strlen(usual.percents) }, "");
	while (count < 101 && at_field_number(&f, 0, 100, &out[count]))
		count++;
	return count;
}

long story_next_percent(const struct story *s)
{
	long usual[101];
	size_t count = story_usual_percents(usual);

	return s->own_percents || s->percent_count == count ? -1 : usual[s->percent_count];
}

/* Say which percents it tells, unless they are the usual ones as far as it got. */
static void settle_percents(struct aligner *a)
{
	struct story *s = a->s;
	char list[sizeof(s->set.percents)] = "";
	size_t used = 0, count;
	long usual[101];
	bool stops = a->over && a->reached == STAGE_END;

	count = story_usual_percents(usual);
	if (s->percent_count <= count && !memcmp(usual, s->percents, s->percent_count * sizeof(usual[0])) &&
	    (s->percent_count == count || !s->completes)) {
		if (stops)
			story_set_number(s, "end-percent", s->percent_count ? usual[s->percent_count - 1] : 0);
		if (!stops || s->percent_count)
			return;
	}
	s->own_percents = true;
	for (size_t i = 0; i < s->percent_count; i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%ld", i ? "," : "", s->percents[i]);
	story_set(s, "percents", list);
	if (stops)
		story_set_number(s, "end-percent", 100);
}

/* A version that nobody asked for is not known to have changed. */
static bool has_changed(const struct story *s)
{
	return s->version_told && s->from[0] && strcmp(s->version_after, s->from) != 0;
}

static void settle_version(struct aligner *a)
{
	struct story *s = a->s;

	if (s->completes && has_changed(s)) {
		if (strcmp(s->version_after, s->set.to) != 0)
			story_set(s, "final-version", s->version_after);
	} else if ((s->completes && s->version_told) || s->cut == STAGE_END) {
		story_set(s, "final-version", "unchanged");
	}
}

/* What a built-in module would do next; STAGE_NONE: nothing. */
static enum stage next_stage(const struct aligner *a)
{
	const struct story *s = a->s;

	if (a->over)
		return STAGE_NONE;
	switch (a->reached) {
	case STAGE_NONE:
	case STAGE_COUNT:
		break;
	case STAGE_COMMAND:
		return s->pull ? STAGE_DOWNLOAD : STAGE_DATA_END;
	case STAGE_DOWNLOAD:
		return STAGE_DOWNLOAD_END;
	case STAGE_DATA_END:
	case STAGE_DOWNLOAD_END:
		return STAGE_START;
	case STAGE_START:
	case STAGE_UPDATING:
		return story_next_percent(s) >= 0 ? STAGE_UPDATING : STAGE_END;
	case STAGE_END:
		return STAGE_REBOOT;
	case STAGE_REBOOT:
	case STAGE_BOOT:
		break;
	}
	return STAGE_NONE;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t bounded(int64_t ms)
{
	return ms < 1 ? 1 : ms > DAY_MS ? DAY_MS : ms;
}

/* From each stage to what came next; the shortest counts where a built-in
 * module uses one time for several, as what is longer can be waited for. */
static void settle_times(struct story *s)
{
	int64_t flash[102], start = INT64_MAX, download = INT64_MAX, reboot = INT64_MAX;
	size_t flashes = 0;
	long usual[101];
	size_t lines = s->own_percents ? s->percent_count : story_usual_percents(usual);

	for (size_t i = 0; i + 1 < s->count; i++) {
		int64_t ms = s->moments[i + 1].t_ms - s->moments[i].t_ms;
		enum stage stage = s->moments[i].stage, next = s->moments[i + 1].stage;

		if (stage == STAGE_DOWNLOAD && ms < download)
			download = ms;
		else if ((stage == STAGE_COMMAND ? s->pull : stage == STAGE_DATA_END || stage == STAGE_DOWNLOAD_END) && ms < start)
			start = ms;
		else if (stage == STAGE_END && ms < reboot)
			reboot = ms;
		else if ((stage == STAGE_START || stage == STAGE_UPDATING) &&
			 (next == STAGE_UPDATING || next == STAGE_END) && flashes < 102)
			flash[flashes++] = ms;
	}
	qsort(flash, flashes, sizeof(flash[0]), by_size);
	story_set_number(s, "start-ms", bounded(start == INT64_MAX ? s->set.start_ms : start));
	story_set_number(s, "flash-ms", bounded(flashes ? flash[(flashes - 1) / 2] * (int64_t)(lines ? lines : 1) : s->set.flash_ms));
	story_set_number(s, "reboot-ms", bounded(reboot == INT64_MAX ? s->set.reboot_ms : reboot));
	if (s->pull)
		story_set_number(s, "download-ms", bounded(download == INT64_MAX ? s->set.download_ms : download));
}

void story_align(struct story *s)
{
	struct aligner a = { .s = s, .last_end = SIZE_MAX };
	size_t from;

	if (s->command == STORY_NONE)
		return;
	for (size_t i = 0; i < s->count; i++)
		if (s->moments[i].kind == FOTA_END && s->moments[i].counts)
			a.last_end = i;
	from = align_command(&a);
	if (s->refused)
		return;
	if (!s->pull) {
		s->broken = s->data_last == STORY_NONE || !s->package_size || s->data_out < s->package_size;
		if (s->broken)
			return;
		from = align_data_end(&a, from);
	}
	align_course(&a, from);
	s->completes = !a.over && (a.reached == STAGE_END || (a.reached >= STAGE_COMMAND && has_changed(s)));
	settle_percents(&a);
	if (s->completes)
		align_restart(&a);
	for (size_t i = 0; s->completes && i < s->count && s->moments[i].stage <= STAGE_REBOOT; i++)
		if (s->moments[i].stage != STAGE_NONE)
			s->restart = s->moments[i].number;
	/* the port stayed when the module restarted, unless that line is missing */
	if (s->completes && a.reached < STAGE_REBOOT && !s->gaps)
		s->cut = STAGE_REBOOT;
	else if (!s->completes)
		s->cut = next_stage(&a);
	settle_version(&a);
	settle_times(s);
}
