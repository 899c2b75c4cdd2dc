#include "config.h"

#include "modem/identity.h"
#include "modem/modem_state.h"

#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/version.h"
#include "protocol/profile.h"
#include "protocol/who.h"

#define ASK_MS 5000
/* Between two rounds of questions (assumption). */
#define AGAIN_MS 1000

/* One word, however long: a sentence is no version. */
static bool is_word(struct slice line)
{
	struct slice value = line;
	const char *colon = memchr(line.data, ':', line.size);

	if (colon)
		value = slice_trim((struct slice){colon + 1, (size_t)(line.data + line.size - colon) - 1});
	for (size_t i = 0; i < value.size; i++)
		if (value.data[i] < 0x21 || value.data[i] > 0x7e)
			return false;
	return value.size > 0;
}

static bool has_digits(struct slice line)
{
	size_t digits = 0;

	for (size_t i = 0; i < line.size; i++)
		digits += at_is_digit(line.data[i]);
	return digits >= 14;
}

/* The questions; where the first is refused or answered by nothing that fits,
 * the second, which other firmware knows (protocol.md 7). */
static const struct question_row {
	const char *commands[2];
	bool (*fits)(struct slice line);
	enum message_id doing;
	bool optional;		/* later firmware only: not asked twice */
} questions[WHO_SOURCES] = {
	[WHO_ATI] = {{"ATI", NULL}, NULL, MSG_DOING_ASK_MODEL, false},
	[WHO_CGMM] = {{"AT+CGMM", "AT+GMM"}, is_word, MSG_DOING_ASK_MODEL, true},
	[WHO_CGMR] = {{"AT+CGMR", "AT+GMR"}, is_word, MSG_DOING_ASK_VERSION, false},
	[WHO_QGMR] = {{"AT+QGMR", NULL}, is_word, MSG_DOING_ASK_VERSION, true},
	[WHO_GSN] = {{"AT+GSN", "AT+CGSN"}, has_digits, MSG_DOING_ASK_IMEI, false},
};

/* What has been answered so far. */
struct asking {
	struct modem *m;
	bool after;		/* an upgrade: the module is known, and the watch ends at the deadline */
	int64_t deadline_ms;
	struct modem_reply replies[WHO_SOURCES];
	struct err unanswered[WHO_SOURCES];	/* code ERR_NONE: it was answered, or not asked */
	struct who who;
	char lone[VERSION_SIZE];	/* AT+CGMR's word in the round before */
};

static bool may_go_on(const struct err *e)
{
	return e->code == ERR_TIMEOUT || e->code == ERR_REFUSED;
}

/* One that answers is asked all of it; one that does not, no longer than it has time.
 * Before an upgrade each is asked once: one slow answer may take all of it. */
static bool is_over(const struct asking *a)
{
	if (!a->after)
		return false;
	for (int i = 0; i < WHO_SOURCES; i++)
		if (!questions[i].optional && a->unanswered[i].code != ERR_NONE && modem_now(a->m) >= a->deadline_ms)
			return true;
	return false;
}

static int ask(struct asking *a, enum who_source source, struct err *e)
{
	const struct question_row *q = &questions[source];
	bool over = is_over(a);

	a->unanswered[source].code = ERR_NONE;
	a->replies[source].count = 0;
	if (over)
		return 0;
	for (size_t i = 0; i < COUNT(q->commands) && q->commands[i] && a->replies[source].count == 0; i++) {
		struct modem_command command = {q->commands[i], "", ASK_MS, q->fits};
		int r = q->optional ? modem_command(a->m, &command, &a->replies[source], e) :
			modem_ask(a->m, &command, &a->replies[source], e);

		if (r == 0 || e->code == ERR_REFUSED)
			continue;
		a->replies[source].count = 0;	/* without a result it is no answer */
		err_doing(e, q->doing, "");
		if (e->code != ERR_TIMEOUT)
			return -1;
		a->unanswered[source] = *e;
		return 0;
	}
	return 0;
}

/* A word on which nothing else agrees is the version when it is said twice alike:
 * firmware of makers that name it in their own way. Of a model that is known the
 * version begins with that. */
static void take_lone_version(struct asking *a)
{
	if (!a->who.version[0] && !profile_model(a->who.model) && strcmp(a->lone, a->who.lone_version) == 0)
		memcpy(a->who.version, a->lone, sizeof(a->who.version));
	memcpy(a->lone, a->who.lone_version, sizeof(a->lone));
}

static void understand(struct asking *a)
{
	struct who_said said[WHO_SOURCES];

	for (int i = 0; i < WHO_SOURCES; i++)
		said[i] = (struct who_said){a->replies[i].lines, a->replies[i].count};
	who_find(said, &a->who);
}

/* The sub-version was known before: it is, again, as soon as the module is ready. */
static bool lacks_sub(const struct who *who, const struct identity *was)
{
	return version_unready(who->version) || (was && *version_sub(was->version) && !*version_sub(who->version));
}

static bool lacks_name(const struct who *who, const struct identity *was)
{
	return !who->model[0] || !who->version[0] || who->other_version[0] || lacks_sub(who, was);
}

/* Ask for what is missing; the first time for everything. */
static int ask_round(struct asking *a, const struct identity *was, bool first, struct err *e)
{
	static const enum who_source names[] = {WHO_ATI, WHO_CGMR, WHO_QGMR};

	if (first || lacks_name(&a->who, was))
		for (size_t i = 0; i < COUNT(names); i++)
			if (ask(a, names[i], e) < 0)
				return -1;
	understand(a);
	if (!a->who.model[0] && ask(a, WHO_CGMM, e) < 0)
		return -1;
	if ((first || !a->who.imei[0]) && ask(a, WHO_GSN, e) < 0)
		return -1;
	understand(a);
	return 0;
}

/* A version that is longer than any: the line is wrong, not the module. */
static size_t too_long(const struct modem_reply *reply)
{
	size_t size = reply->cut ? AT_LINE_MAX : 0;

	for (size_t i = 0; i < reply->count; i++) {
		if (reply->lines[i].size < VERSION_SIZE)
			return 0;
		size = reply->lines[i].size;
	}
	return size;
}

static int fail_missing(const struct asking *a, struct err *e)
{
	const struct who *who = &a->who;

	if (!who->version[0] && too_long(&a->replies[WHO_CGMR]) > 0)
		return err_fail(e, MSG_VERSION_LONG, "size=%zu", too_long(&a->replies[WHO_CGMR]));
	if (!who->model[0] && a->unanswered[WHO_ATI].code != ERR_NONE)
		*e = a->unanswered[WHO_ATI];
	else if (!who->version[0] && a->unanswered[WHO_CGMR].code != ERR_NONE)
		*e = a->unanswered[WHO_CGMR];
	else if (!who->imei[0] && a->unanswered[WHO_GSN].code != ERR_NONE)
		*e = a->unanswered[WHO_GSN];
	else
		return 0;
	return -1;
}

static bool is_late(const struct modem *m, int64_t deadline_ms, const struct err *e)
{
	return e->code == ERR_TIMEOUT && modem_now(m) >= deadline_ms;
}

/* None of them is needed. Past DEADLINE_MS one that answers neither these nor what brings
 * it into step is asked no more. */
static int set_modes(struct modem *m, int64_t deadline_ms, struct err *e)
{
	static const char *const modes[] = {"ATE0", "ATV1", "AT+CMEE=1"};

	for (size_t i = 0; i < COUNT(modes); i++) {
		struct modem_command command = {modes[i], NULL, ASK_MS, NULL};

		bool was_out = m->out_of_step;
		int r = modem_command(m, &command, NULL, e);

		if (r < 0 && (!may_go_on(e) || (was_out && is_late(m, deadline_ms, e))))
			return err_doing(e, MSG_DOING_ASK_MODES, "");
		if (r < 0 && is_late(m, deadline_ms, e))
			break;
	}
	return 0;
}

int modem_identify(struct modem *m, const struct identity *was, int64_t deadline_ms,
		   struct identity *id, struct identity_doubt *doubt, struct err *e)
{
	struct asking a = {.m = m, .after = was != NULL, .deadline_ms = deadline_ms};

	id->maker[0] = id->model[0] = id->version[0] = id->imei[0] = '\0';
	if (set_modes(m, deadline_ms, e) < 0)
		return -1;
	for (bool first = true;; first = false) {
		int64_t again_ms;

		if (ask_round(&a, was, first, e) < 0)
			return -1;
		take_lone_version(&a);
		if (!lacks_name(&a.who, was) && a.who.imei[0])
			break;
		again_ms = modem_now(m) + AGAIN_MS;
		if (again_ms >= deadline_ms)
			break;
		if (modem_pause(m, again_ms, e) < 0)
			return -1;
	}
	memcpy(id->maker, a.who.maker, sizeof(id->maker));
	memcpy(id->model, a.who.model, sizeof(id->model));
	memcpy(id->version, a.who.version, sizeof(id->version));
	memcpy(id->imei, a.who.imei, sizeof(id->imei));
	memcpy(doubt->version, a.who.other_version, sizeof(doubt->version));
	memcpy(doubt->imei, a.who.other_imei, sizeof(doubt->imei));
	return fail_missing(&a, e);
}
