#include "config.h"

#include "diagnosis/of_record.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* --- feeding --- */

void diagnosis_read(struct diagnosis *d, struct record *r)
{
	struct event ev;

	for (uint64_t i = 0; i < record_count(r); i++)
		if (record_event(r, i, &ev))
			diagnosis_take(d, i, &ev);
	diagnosis_goes_on(d);
}

size_t diagnosis_of_record(struct record *r, enum audience audience, struct finding *out, size_t max)
{
	struct diagnosis *d = diagnosis_new();
	size_t count;

	if (!d)
		return 0;
	diagnosis_read(d, r);
	if (record_writer_pid(r) == 0)
		diagnosis_abandoned(d);
	count = diagnosis_findings(d, audience, out, max);
	diagnosis_free(d);
	return count;
}

/* --- a line for a person --- */

static void describe_line(const struct event *ev, char *out, size_t out_size)
{
	snprintf(out, out_size, "%c %s", ev->line.dir == LINE_TX ? '>' : '<', ev->line.text);
}

static void describe_progress(const struct event *ev, char *out, size_t out_size)
{
	char done[28], total[28];

	text_count(done, ev->progress.done);
	text_count(total, ev->progress.total);
	if (ev->progress.unit == UNIT_BYTES)
		snprintf(out, out_size, "= %s of %s bytes", done, total);
	else if (ev->progress.unit == UNIT_PERCENT)
		snprintf(out, out_size, "= %s %%", done);
	else
		snprintf(out, out_size, "= %s", step_info(ev->progress.step)->label);
}

static void describe_package(const struct event *ev, char *out, size_t out_size)
{
	const struct package_info *k = &ev->package;
	char size[28];

	text_count(size, k->size);
	if (k->has_manifest)
		snprintf(out, out_size, "= package %s, %s bytes, for %s: %s -> %s", k->name, size,
			 k->model, k->from, k->to);
	else
		snprintf(out, out_size, "= package %s, %s bytes, without a manifest", k->name, size);
}

static void describe_data(const struct event *ev, char *out, size_t out_size)
{
	char size[28], offset[28];

	snprintf(out, out_size, "> %s package bytes from %s on", text_count(size, ev->data.size),
		 text_count(offset, ev->data.offset));
}

static void describe_result(const struct event *ev, char *out, size_t out_size)
{
	const struct result *x = &ev->result;
	char text[2 * TEXT_SIZE];

	snprintf(out, out_size, "= result: %s: %s", x->outcome == OUTCOME_STOPPED ?
		 err_info(x->stop)->name : outcome_info(x->outcome)->name,
		 message_text(&x->what, FOR_RECORD, text, sizeof(text)));
}

static void describe_intent(const struct event *ev, char *out, size_t out_size)
{
	const struct open_upgrade *open = &ev->intent;

	snprintf(out, out_size, "= about to %s: %s over %s on %s, IMEI %s",
		 open->intent == INTENT_INSTALL ? "install" : open->intent == INTENT_TRANSFER ? "transfer" : "prepare", open->to,
		 open->module.version, open->module.model, open->module.imei);
}

static void describe_step(const struct event *ev, char *out, size_t out_size)
{
	static const char *const endings[ENDED_COUNT] = {
		[ENDED_DONE] = "is done", [ENDED_FAILED] = "failed",
		[ENDED_UNKNOWN] = "ended, how is not known",
	};

	snprintf(out, out_size, "= %s %s", step_info(ev->step.step)->label,
		 ev->step.begin ? "begins" : endings[ev->step.ended]);
}

static void describe_notice(const struct event *ev, char *out, size_t out_size)
{
	char text[2 * TEXT_SIZE];

	snprintf(out, out_size, "%c %s", ev->notice.severity == SEVERITY_INFO ? '*' : '!',
		 message_text(&ev->notice.message, FOR_RECORD, text, sizeof(text)));
}

static void describe_answer(const struct event *ev, char *out, size_t out_size)
{
	if (ev->answer == ASK_LOST)
		snprintf(out, out_size, "= the terminal was lost");
	else
		snprintf(out, out_size, "= the operator: %s", ask_name(ev->answer));
}

static void describe_question(const struct event *ev, char *out, size_t out_size)
{
	snprintf(out, out_size, "? install %s over %s with %s", ev->question.to, ev->question.from, ev->question.command);
}

static void describe_identity(const struct event *ev, char *out, size_t out_size)
{
	snprintf(out, out_size, "= %s, firmware %s, IMEI %s, on %s", ev->identity.model,
		 ev->identity.version, ev->identity.imei, ev->identity.port);
}

static void describe_setting(const struct event *ev, char *out, size_t out_size)
{
	snprintf(out, out_size, "= stored in the module: %s (%s)", ev->setting.command,
		 setting_state_name((int)ev->setting.state));
}

static void describe_event(const struct event *ev, char *out, size_t out_size)
{
	switch (ev->type) {
	case EVENT_STEP:
		describe_step(ev, out, out_size);
		break;
	case EVENT_IDENTITY:
		describe_identity(ev, out, out_size);
		break;
	case EVENT_PROGRESS:
		describe_progress(ev, out, out_size);
		break;
	case EVENT_NOTICE:
		describe_notice(ev, out, out_size);
		break;
	case EVENT_LINE:
		describe_line(ev, out, out_size);
		break;
	case EVENT_QUESTION:
		describe_question(ev, out, out_size);
		break;
	case EVENT_RESULT:
		describe_result(ev, out, out_size);
		break;
	case EVENT_PACKAGE:
		describe_package(ev, out, out_size);
		break;
	case EVENT_DATA:
		describe_data(ev, out, out_size);
		break;
	case EVENT_ANSWER:
		describe_answer(ev, out, out_size);
		break;
	case EVENT_START:
		snprintf(out, out_size, "= the record begins");
		break;
	case EVENT_INTENT:
		describe_intent(ev, out, out_size);
		break;
	case EVENT_RESUMED:
		snprintf(out, out_size, "= a later program continues from here");
		break;
	case EVENT_CLOSED:
		snprintf(out, out_size, "= abandoned by the operator");
		break;
	case EVENT_SHOWN:
		snprintf(out, out_size, "= the result was shown");
		break;
	case EVENT_GAP:
		snprintf(out, out_size, "= (lines are missing here)");
		break;
	case EVENT_SETTING:
		describe_setting(ev, out, out_size);
		break;
	case EVENT_PORT: case EVENT_RECORD: case EVENT_PLAN:
	case EVENT_BEGIN: case EVENT_CHECKS:
	case EVENT_COUNT:
		break;
	}
}

char *diagnosis_line(struct record *r, uint64_t number, char *out, size_t out_size)
{
	int64_t t = record_time_ms(r, number);
	char text[3 * TEXT_SIZE] = "= (not readable)", line[sizeof(text) + 32];
	struct event ev;

	if (record_event(r, number, &ev))
		describe_event(&ev, text, sizeof(text));
	snprintf(line, sizeof(line), "%4lld.%03lld %s", (long long)(t / 1000),
		 (long long)(t % 1000), text);
	text_safe_str(out, out_size, line);
	return out;
}
