#include "config.h"

#include "diagnosis/of_record.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"

/* --- feeding --- */

static void take_nothing(void *ctx, uint64_t number, const struct event *ev)
{
	(void)ctx;
	(void)number;
	(void)ev;
}

static void read_beside(struct diagnosis *d, struct record *r,
			void (*take)(void *ctx, uint64_t number, const struct event *ev), void *ctx)
{
	struct event ev;

	for (uint64_t i = 0; i < record_count(r); i++)
		if (record_event(r, i, &ev)) {
			diagnosis_take(d, i, &ev);
			take(ctx, i, &ev);
		}
	diagnosis_goes_on(d);
}

void diagnosis_read(struct diagnosis *d, struct record *r)
{
	read_beside(d, r, take_nothing, NULL);
}

size_t diagnosis_of_record_beside(struct record *r, enum audience audience,
				  void (*take)(void *ctx, uint64_t number, const struct event *ev), void *ctx,
				  struct finding *out, size_t max)
{
	struct diagnosis *d = diagnosis_new();
	size_t count;

	if (!d)
		return 0;
	read_beside(d, r, take, ctx);
	if (record_writer_pid(r) == 0)
		diagnosis_abandoned(d);
	count = diagnosis_findings(d, audience, out, max);
	diagnosis_free(d);
	return count;
}

size_t diagnosis_of_record(struct record *r, enum audience audience, struct finding *out, size_t max)
{
	return diagnosis_of_record_beside(r, audience, take_nothing, NULL, out, max);
}

/* --- a line for a person --- */

static void describe_line(const struct event *ev, char *out, size_t out_size)
{
	snprintf(out, out_size, "%c %s", ev->line.dir == LINE_TX ? '>' : '<', ev->line.text);
}

static void describe_progress(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	char done[28], total[28];

	text_count(done, ev->progress.done);
	text_count(total, ev->progress.total);
	if (ev->progress.unit == UNIT_BYTES)
		snprintf(out, out_size, message_words_for(a, N_("= %s of %s bytes")), done, total);
	else if (ev->progress.unit == UNIT_PERCENT)
		snprintf(out, out_size, "= %s %%", done);
	else
		snprintf(out, out_size, "= %s", message_words_for(a, step_info(ev->progress.step)->label));
}

static void describe_package(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	const struct package_info *k = &ev->package;
	char size[28];

	text_count(size, k->size);
	if (k->has_manifest)
		snprintf(out, out_size, message_words_for(a, N_("= package %s, %s bytes, for %s: %s -> %s")), k->name, size,
			 k->model, k->from, k->to);
	else
		snprintf(out, out_size, message_words_for(a, N_("= package %s, %s bytes, without a manifest")), k->name, size);
}

static void describe_data(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	char size[28], offset[28];

	snprintf(out, out_size, message_words_for(a, N_("> %s package bytes from %s on")), text_count(size, ev->data.size),
		 text_count(offset, ev->data.offset));
}

static void describe_result(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	const struct result *x = &ev->result;
	char text[2 * TEXT_SIZE];

	snprintf(out, out_size, message_words_for(a, N_("= result: %s: %s")), x->outcome == OUTCOME_STOPPED ?
		 err_info(x->stop)->name : outcome_info(x->outcome)->name,
		 message_text(&x->what, a, text, sizeof(text)));
}

static void describe_intent(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	const struct open_upgrade *open = &ev->intent;
	enum intent intent = open->intent;

	snprintf(out, out_size, message_words_for(a,
		 intent == INTENT_INSTALL ? N_("= about to install: %s over %s on %s, IMEI %s") :
		 intent == INTENT_TRANSFER ? N_("= about to transfer: %s over %s on %s, IMEI %s") :
		 N_("= about to prepare: %s over %s on %s, IMEI %s")),
		 open->to, open->module.version, open->module.model, open->module.imei);
}

static void describe_step(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	enum ended ended = ev->step.ended;

	snprintf(out, out_size, message_words_for(a, ev->step.begin ? N_("= %s begins") :
		 ended == ENDED_DONE ? N_("= %s is done") :
		 ended == ENDED_FAILED ? N_("= %s failed") : N_("= %s ended, how is not known")),
		 message_words_for(a, step_info(ev->step.step)->label));
}

static void describe_notice(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	char text[2 * TEXT_SIZE];

	snprintf(out, out_size, "%c %s", ev->notice.severity == SEVERITY_INFO ? '*' : '!',
		 message_text(&ev->notice.message, a, text, sizeof(text)));
}

static void describe_answer(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	if (ev->answer == ASK_LOST)
		snprintf(out, out_size, message_words_for(a, N_("= the terminal was lost")));
	else
		snprintf(out, out_size, message_words_for(a, N_("= the operator: %s")), ask_name(ev->answer));
}

static void describe_question(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	snprintf(out, out_size, message_words_for(a, N_("? install %s over %s with %s")), ev->question.to,
		 ev->question.from, ev->question.command);
}

static void describe_identity(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	snprintf(out, out_size, message_words_for(a, N_("= %s, firmware %s, IMEI %s, on %s")), ev->identity.model,
		 ev->identity.version, ev->identity.imei, ev->identity.port);
}

static void describe_setting(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	snprintf(out, out_size, message_words_for(a, N_("= stored in the module: %s (%s)")), ev->setting.command,
		 setting_state_name((int)ev->setting.state));
}

static void describe_event(const struct event *ev, enum audience a, char *out, size_t out_size)
{
	switch (ev->type) {
	case EVENT_STEP:
		describe_step(ev, a, out, out_size);
		break;
	case EVENT_IDENTITY:
		describe_identity(ev, a, out, out_size);
		break;
	case EVENT_PROGRESS:
		describe_progress(ev, a, out, out_size);
		break;
	case EVENT_NOTICE:
		describe_notice(ev, a, out, out_size);
		break;
	case EVENT_LINE:
		describe_line(ev, out, out_size);
		break;
	case EVENT_QUESTION:
		describe_question(ev, a, out, out_size);
		break;
	case EVENT_RESULT:
		describe_result(ev, a, out, out_size);
		break;
	case EVENT_PACKAGE:
		describe_package(ev, a, out, out_size);
		break;
	case EVENT_DATA:
		describe_data(ev, a, out, out_size);
		break;
	case EVENT_ANSWER:
		describe_answer(ev, a, out, out_size);
		break;
	case EVENT_START:
		snprintf(out, out_size, message_words_for(a, N_("= the record begins")));
		break;
	case EVENT_INTENT:
		describe_intent(ev, a, out, out_size);
		break;
	case EVENT_RESUMED:
		snprintf(out, out_size, message_words_for(a, N_("= a later program continues from here")));
		break;
	case EVENT_CLOSED:
		snprintf(out, out_size, message_words_for(a, N_("= abandoned by the operator")));
		break;
	case EVENT_SHOWN:
		snprintf(out, out_size, message_words_for(a, N_("= the result was shown")));
		break;
	case EVENT_GAP:
		snprintf(out, out_size, message_words_for(a, N_("= (lines are missing here)")));
		break;
	case EVENT_SETTING:
		describe_setting(ev, a, out, out_size);
		break;
	case EVENT_PORT: case EVENT_RECORD: case EVENT_PLAN:
	case EVENT_BEGIN: case EVENT_CHECKS:
	case EVENT_COUNT:
		break;
	}
}

char *diagnosis_line(struct record *r, uint64_t number, enum audience audience, char *out, size_t out_size)
{
	int64_t t = record_time_ms(r, number);
	char text[3 * TEXT_SIZE], line[sizeof(text) + 32];
	struct event ev;

	text[0] = '\0';
	if (!record_event(r, number, &ev))
		snprintf(text, sizeof(text), "%s", message_words_for(audience, N_("= (not readable)")));
	else
		describe_event(&ev, audience, text, sizeof(text));
	snprintf(line, sizeof(line), "%4lld.%03lld %s", (long long)(t / 1000),
		 (long long)(t % 1000), text);
	text_safe_str(out, out_size, line);
	return out;
}
