#include "config.h"

#include "diagnosis/collect_lines.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/version.h"
#include "diagnosis/evidence.h"
#include "protocol/at.h"
#include "protocol/card.h"
#include "protocol/codes.h"
#include "protocol/fota_urc.h"
#include "protocol/who.h"

/* A supply that rests little above the limit may fall below it while the
 * module writes (assumption). */
#define VOLTAGE_MARGIN_MV 150
/* So long after a restart its lines may come, some of them at another rate (protocol.md 4.2, 4.5). */
#define RESTART_MS 10000
/* "0,1": mode and state; the state of +CREG and its kin, 3GPP TS 27.007 7.2. */
enum { REGISTERED_HOME = 1, REGISTRATION_DENIED = 3, REGISTERED_ROAMING = 5 };

/* From then on restarts belong to the installation. */
static bool has_package(const struct pass *p)
{
	return p->course.started || p->course.ended || facts_seen(p, FACT_WHOLE_SENT) || facts_seen(p, FACT_SOURCE_OK);
}

/* Does the network, asked afterwards, say how it was in the download? Not of a module that
 * has restarted since, and searches. */
static bool tells_of_download(const struct pass *p)
{
	return p->afterwards && p->asked && !p->push && !has_package(p) && p->restart_ms < p->asked_ms;
}

/* The worst of the step in which it was reported last, and of what was asked afterwards:
 * dBm = -113 + 2 x rssi, 99 unknown, protocol.md 7. */
static void note_signal(struct pass *p, long rssi)
{
	if (p->afterwards && !tells_of_download(p))
		return;
	if (p->signal_step != p->step && !p->afterwards)
		facts_forget(p, FACT_SIGNAL);
	p->signal_step = p->step;
	facts_note(p, FACT_SIGNAL, -113 + 2 * rssi, NULL);
}

static void take_signal(struct pass *p, struct slice line)
{
	struct at_fields f = at_fields(line, "+CSQ:");
	long rssi;

	if (at_field_number(&f, 0, 98, &rssi))
		note_signal(p, rssi);
}

/* +QIND: "csq",<rssi>,<ber>: the same unasked, where AT+QINDCFG has it on. */
static void take_indication(struct pass *p, struct slice line)
{
	struct at_fields f = at_fields(line, "+QIND:");
	struct slice what;
	long rssi;

	if (at_field_string(&f, &what) && slice_is(what, "csq") && at_field_number(&f, 0, 98, &rssi))
		note_signal(p, rssi);
}

/* An answer has the mode before the state, a URC begins with the state. */
static bool registration_state(struct slice line, long *state)
{
	const char *colon = memchr(line.data, ':', line.size);
	struct at_fields f;
	long second;

	if (!colon)
		return false;
	f = at_fields((struct slice){colon + 1, line.size - (size_t)(colon + 1 - line.data)}, "");
	if (!at_field_number(&f, 0, 99, state))
		return false;
	if (at_field_number(&f, 0, 99, &second))
		*state = second;
	return true;
}

/* The bit of the network for calls, which says nothing of data (3GPP TS 27.007 7.2, 10.1.20). */
#define CALLS 1U

/* Of a module of LTE one network is enough, and it leaves one for another. */
static bool is_in_network(struct pass *p, struct slice line, bool registered)
{
	unsigned network = slice_begins(line, "+CEREG:") ? 4 : slice_begins(line, "+CGREG:") ? 2 : CALLS;

	p->networks = registered ? p->networks | network : p->networks & ~network;
	if (p->afterwards)
		return registered || p->networks;
	p->data_network |= network != CALLS;
	return registered || ((p->networks & ~CALLS) && facts_profile(p)->lte);
}

static void take_registration(struct pass *p, struct slice line)
{
	char text[FACT_TEXT];
	bool registered;
	long state;

	if (!registration_state(line, &state))
		return;
	slice_copy(text, sizeof(text), line);
	registered = is_in_network(p, line, state == REGISTERED_HOME || state == REGISTERED_ROAMING);
	if (p->afterwards) {
		if (registered)
			facts_forget(p, FACT_REGISTRATION_GONE);
		else if (tells_of_download(p))
			facts_note(p, state == REGISTRATION_DENIED ? FACT_DENIED : FACT_REGISTRATION_GONE, state, text);
	} else if (!p->asked) {
		if (p->data_network && slice_begins(line, "+CREG:"))
			return;
		facts_forget(p, FACT_UNREGISTERED);
		facts_forget(p, FACT_DENIED);
		if (!registered)
			facts_note(p, state == REGISTRATION_DENIED ? FACT_DENIED : FACT_UNREGISTERED, state, text);
	} else if (p->step == STEP_TRANSFER && !registered) {
		facts_note(p, FACT_REGISTRATION_LOST, state, text);
	} else if (p->step == STEP_TRANSFER && facts_seen(p, FACT_REGISTRATION_LOST)) {
		facts_note(p, FACT_REGISTRATION_BACK, state, text);
	}
}

/* TEXT is what the module said; NUMBER that of an error, or -1. */
static void note_card(struct pass *p, enum card card, long number, const char *text)
{
	static const enum fact_id locked[] = {
		[CARD_WAITS] = FACT_SIM_WAITS, [CARD_BLOCKED] = FACT_SIM_BLOCKED, [CARD_BARRED] = FACT_SIM_BARRED,
	};

	for (enum card c = CARD_WAITS; c <= CARD_BARRED; c++)
		facts_forget(p, locked[c]);
	facts_forget(p, FACT_SIM_MISSING);
	facts_forget(p, FACT_SIM_LOCKED);
	if (card == CARD_MISSING)
		facts_note(p, FACT_SIM_MISSING, number, text);
	if (card < CARD_WAITS)
		return;
	facts_note(p, FACT_SIM_LOCKED, number, text);
	facts_note(p, locked[card], number, NULL);
}

/* +CME ERROR to AT+CPIN?. */
static void take_sim_error(struct pass *p, int cme)
{
	if (card_of_error(cme) != CARD_UNTOLD)
		note_card(p, card_of_error(cme), cme, at_cme_meaning(cme));
}

/* After the restart of the module a SIM is not ready for a while. */
static void take_sim(struct pass *p, struct slice line)
{
	struct at_fields f = at_fields(line, "+CPIN:");
	struct slice state;
	char text[FACT_TEXT];

	if (p->step > STEP_TRANSFER || !at_field_any(&f, &state))
		return;
	note_card(p, card_of_state(state), -1, slice_copy(text, sizeof(text), state));
}

static void take_supply(struct pass *p, struct slice line)
{
	struct at_fields f = at_fields(line, "+CBC:");
	long minimum = p->supply_min ? p->supply_min : facts_profile(p)->supply_min_mv;
	long mv;

	if (!at_field_skip(&f) || !at_field_skip(&f) || !at_field_number(&f, 1, 99999, &mv) ||
	    mv < facts_profile(p)->supply_run_min_mv || mv > facts_profile(p)->supply_run_max_mv)
		return;		/* what no running module has was not measured */
	if (p->afterwards) {	/* it was enough when it began */
		if (mv < minimum + VOLTAGE_MARGIN_MV)
			facts_note(p, FACT_VOLTAGE_AFTER, mv, NULL);
		return;
	}
	facts_note(p, FACT_VOLTAGE, mv, NULL);
	if (mv < minimum)
		facts_note(p, FACT_VOLTAGE_LOW, mv, NULL);
	else if (mv < minimum + VOLTAGE_MARGIN_MV)
		facts_note(p, FACT_VOLTAGE_POOR, mv, NULL);
}

static void take_context(struct pass *p, struct slice line)
{
	struct at_fields f = at_fields(line, "+QIACT:");
	long context, active;

	if (at_field_number(&f, 1, 99, &context) && at_field_number(&f, 0, 1, &active) &&
	    context == facts_profile(p)->context_id && active == 1)
		p->context_seen = true;
}

/* +QFLDS: <free>,<total>, protocol.md 6. */
static void take_space(struct pass *p, struct slice line)
{
	struct at_fields f = at_fields(line, "+QFLDS:");
	char text[28];
	long room, all;

	if (at_field_number(&f, 0, LONG_MAX, &room) && at_field_number(&f, 0, LONG_MAX, &all) && room <= all &&
	    (uint64_t)room < p->package.size)
		facts_note(p, FACT_ROOM_SHORT, room, text_count(text, (uint64_t)room));
}

/* +QIURC: "pdpdeact",1 of the TCP/IP commands (assumption for UGxx); +CGEV: NW
 * DEACT ..., ME DETACH of 3GPP TS 27.007. */
static void take_context_loss(struct pass *p, struct slice line)
{
	char text[FACT_TEXT];

	slice_copy(text, sizeof(text), line);
	if (p->asked && p->step == STEP_TRANSFER &&
	    (strstr(text, "pdpdeact") || strstr(text, "DEACT") || strstr(text, "DETACH")))
		facts_note(p, FACT_CONTEXT_LOST, 0, text);
}

bool collect_restart(struct pass *p)
{
	/* one restart shows as a lost port and several lines */
	bool again = p->restart_ms >= 0 && p->t_ms - p->restart_ms < RESTART_MS;
	bool middle = collect_installs(p);

	p->restart_ms = p->t_ms;
	p->answered = p->heard = false;
	p->unsettled_ms = p->t_ms + RESTART_MS;
	if (!p->unwatched)
		course_restart(&p->course);
	if (middle) {
		facts_note(p, FACT_RESTARTED, p->course.percent, NULL);
		p->restarts += !again;
		if (p->restarts > 1)
			facts_note(p, FACT_RESTARTED_AGAIN, p->restarts, NULL);
	} else if (!again && p->asked && !p->push && !p->restarted_itself && facts_profile(p)->restarts_first) {
		p->restarted_itself = true;
	} else if (!again && p->identified && !p->unwatched && !has_package(p)) {
		enum fact_id id = p->asked ? FACT_RESTARTED_LOADING : FACT_RESTARTED_EARLY;

		facts_note(p, id, (long)p->facts.of[id].count + 1, NULL);
	}
	return middle;
}

static void take_restart(struct pass *p, struct slice line)
{
	/* it had restarted, and answered since */
	if (slice_is(line, "RDY") && p->rdy && p->answered)
		p->restart_ms = -1;
	p->rdy = true;
	if (collect_restart(p))
		facts_note(p, FACT_BOOTED, 0, NULL);
}

/* No late word of a restart before it. */
static void take_power_down(struct pass *p, struct slice line)
{
	p->restart_ms = -1;
	take_restart(p, line);
}

/* Sister families print UNDER_VOLTAGE before they go off (Quectel M95, MC60
 * hardware guides); expected of UGxx too (assumption). */
static void take_under_voltage(struct pass *p, struct slice line)
{
	char text[FACT_TEXT];

	facts_note(p, FACT_UNDER_VOLTAGE, 0, slice_copy(text, sizeof(text), line));
}

static const struct {
	const char *begins;
	void (*take)(struct pass *p, struct slice line);
} lines[] = {
	{ "+CSQ:", take_signal },
	{ "+QIND:", take_indication },
	{ "+CREG:", take_registration },
	{ "+CEREG:", take_registration },
	{ "+CGREG:", take_registration },
	{ "+CPIN:", take_sim },
	{ "+CBC:", take_supply },
	{ "+QIACT:", take_context },
	{ "+QFLDS:", take_space },
	{ "+QIURC:", take_context_loss },
	{ "+CGEV:", take_context_loss },
	{ "RDY", take_restart },
	{ "NORMAL POWER DOWN", take_power_down },
	{ "POWERED DOWN", take_power_down },
	{ "UNDER_VOLTAGE", take_under_voltage },
};

/* A code of the module: how it is called, and its kinds of trouble. */
static void note_code(struct pass *p, const char *table, int number, const char *called)
{
	const char *family = facts_profile(p)->end_family;
	const struct code_info *x = codes_find(table, number, family);
	unsigned trouble = codes_trouble(table, number, family);
	char text[FACT_TEXT], meaning[128];
	const struct code_kind *kind;

	/* a number of a download is no cause where none can have failed any more */
	if (strcmp(x->table, table) != 0 && (p->push || p->course.started)) {
		x = codes_find(table, -1, family);
		trouble = 0;
	}
	snprintf(text, sizeof(text), "%.24s %d (%.128s)", called, number,
		 codes_meaning(meaning, sizeof(meaning), table, number, family));
	facts_note(p, FACT_CODE, number, text);
	facts_note(p, FACT_CODE_CAUSE, number, x->cause);
	facts_note(p, FACT_CODE_NEXT, number, x->next);
	/* before any percentage it is the check of the package that failed (protocol.md 5.3) */
	if ((trouble & TROUBLE_FLASH) && !facts_seen(p, FACT_PERCENT))
		trouble = (trouble & ~(unsigned)TROUBLE_FLASH) | TROUBLE_PACKAGE;
	for (size_t i = 0; (kind = code_kind_row(i)) != NULL; i++)
		if (trouble & kind->trouble)
			facts_note(p, kind->fact, number, text);
}

void collect_download_end(struct pass *p)
{
	if (p->asked && !p->push)
		facts_note(p, FACT_DOWNLOAD_S, (long)((p->t_ms - p->asked_ms) / 1000), NULL);
}

static void take_source_end(struct pass *p, const struct fota_urc *urc)
{
	char text[40];

	collect_download_end(p);
	p->data_over = true;
	snprintf(text, sizeof(text), "%s 0", urc->keyword);
	if (!course_download_failed(&p->course))
		facts_note(p, FACT_SOURCE_OK, 0, text);
	else if (urc->has_value)
		note_code(p, codes_source(urc->source), (int)urc->value, urc->keyword);
	if (!p->push && course_download_failed(&p->course))
		facts_note(p, FACT_DOWNLOAD_CODE, urc->value, NULL);
}

static void take_installing(struct pass *p, const struct fota_urc *urc)
{
	if (urc->kind == FOTA_RESUMED)
		facts_note(p, FACT_RESTARTED, p->course.percent, NULL);
	if (p->course.went_on)
		facts_note(p, FACT_WENT_ON, urc->value, NULL);
	facts_note(p, FACT_STARTED, 0, NULL);
	if (urc->out_of_range)
		facts_note(p, FACT_ODD_PERCENT, urc->value, NULL);
	else if (urc->has_value)
		facts_note(p, FACT_PERCENT, urc->value, NULL);
}

static void take_end(struct pass *p, const struct fota_urc *urc)
{
	bool well = urc->has_value && urc->value == 0;

	facts_note(p, FACT_END, p->course.end_code, NULL);
	p->end_failed |= !well;
	if (p->end_failed)
		facts_forget(p, FACT_END_OK);
	else
		facts_note(p, FACT_END_OK, 0, NULL);
	if (!well && urc->has_value)
		note_code(p, "end", p->course.end_code, "END");
}

static void take_fota(struct pass *p, const struct fota_urc *urc)
{
	enum course_word word = course_word(urc);

	if (!p->asked) {
		if (word != COURSE_NOTHING)
			facts_note(p, FACT_FOTA_BEFORE, urc->value, NULL);
		return;
	}
	course_take(&p->course, urc);
	p->unwatched = false;
	facts_note(p, FACT_FOTA, 0, NULL);
	switch (word) {
	case COURSE_DOWNLOADED:
	case COURSE_DOWNLOAD_FAILED:
		take_source_end(p, urc);
		break;
	case COURSE_INSTALLS:
		p->version[0] = '\0';	/* what was read before it is no result of it */
		take_installing(p, urc);
		break;
	case COURSE_ENDED:
		p->version[0] = '\0';
		take_end(p, urc);
		break;
	case COURSE_NOTHING:
	case COURSE_DOWNLOADS:
		break;
	}
}

/* --- commands and their results --- */

static bool is_start(const char *text)
{
	return strncmp(text, "AT+QFOTADL=", strlen("AT+QFOTADL=")) == 0 && strcmp(text, "AT+QFOTADL=?") != 0;
}

/* Some families take a file first. */
static bool is_package_command(const char *text)
{
	return strncmp(text, "AT+QFUPL=", strlen("AT+QFUPL=")) == 0 || is_start(text);
}

/* A code that says what is wrong, other than how the command was put, is believed. */
static bool form_is_refused(const struct pass *p, const struct at_result *result)
{
	const char *family = facts_profile(p)->end_family;
	const struct code_info *x = codes_find("cme", result->cme, family);
	bool listed = strcmp(x->table, "cme") == 0 && x->first <= x->last;

	if (result->cme < 0)	/* words that no table has may mean anything */
		return result->text.size == 0;
	return !listed || (codes_trouble("cme", result->cme, family) & TROUBLE_FORM);
}

static void take_refusal(struct pass *p, const struct at_result *result)
{
	const struct order *order;
	int cme = result->cme;
	const char *meaning = at_cme_meaning(cme);
	char text[FACT_TEXT] = "ERROR";

	if (cme < 0 && result->text.size > 0)
		slice_copy(text, sizeof(text), result->text);
	else if (cme >= 0)
		snprintf(text, sizeof(text), "error %d%s%s", cme, meaning ? ", " : "", meaning ? meaning : "");
	if (strcmp(p->command, "AT+CPIN?") == 0)
		take_sim_error(p, cme);
	for (size_t i = 0; (order = order_row(i)) != NULL; i++)
		if (strncmp(p->command, order->begins, strlen(order->begins)) == 0) {
			facts_note(p, order->refused, cme, text);
			return;
		}
	if (!is_package_command(p->command))
		return;
	p->pull_refused = is_start(p->command) && !p->push;
	if (p->push && form_is_refused(p, result))
		facts_note(p, FACT_COM_REFUSED, cme, text);
	else
		take_sim_error(p, cme);
	if (cme >= 0)
		note_code(p, "cme", cme, "+CME ERROR");
}

static void take_ok(struct pass *p)
{
	if (strcmp(p->command, "AT+QIACT?") == 0 && !p->context_seen && (!p->afterwards || tells_of_download(p))) {
		facts_note(p, p->afterwards ? FACT_CONTEXT_GONE : FACT_CONTEXT_OFF, 0, NULL);
		/* what was refused has ended none: there was none */
		if (p->afterwards && p->pull_refused)
			facts_note(p, FACT_CONTEXT_CODE, 0, NULL);
	}
	if (strncmp(p->command, "AT+QFOTADL=\"", strlen("AT+QFOTADL=\"")) == 0 && !p->push)
		facts_note(p, FACT_URL_OK, 0, NULL);
}

/* What a search sends until it is answered (modem/sync.c); nothing else is spelt so. */
static bool is_search(const char *command)
{
	return strcmp(command, "AT") == 0 || strcmp(command, "ATQ0V1") == 0;
}

/* It was searched for, and at any other rate it is noise. */
static void take_found(struct pass *p)
{
	p->facts.of[FACT_NOISE] = p->search.before.noise;
	p->search.bursts = p->search.before.bursts;
	p->search.under_way = false;
	/* echoes of the questions at other rates may still come */
	if (p->owed > 0 && p->unsettled_ms < p->t_ms + SETTLE_MS)
		p->unsettled_ms = p->t_ms + SETTLE_MS;
}

/* OK, ERROR: of the command, of the data, late, or of nobody. */
static void take_final(struct pass *p, const struct at_result *result, bool urc)
{
	bool ok = result->class == AT_OK;

	if (!urc && p->in_flight) {
		if (p->search.under_way)
			take_found(p);
		else
			p->search.confirmed = true;
		p->answered = true;
		if (!p->asked)
			facts_forget(p, FACT_LATE);	/* what was late before it has done no harm */
		if (ok)
			take_ok(p);
		else
			take_refusal(p, result);
		p->in_flight = false;
	} else if (p->in_data && !p->data_over) {
		p->data_over = true;
		/* who waits for bytes of a program that has ended may say anything about it */
		if (!ok && result->cme >= 0 && (!facts_seen(p, FACT_RESUMED) || facts_seen(p, FACT_WHOLE_SENT)))
			note_code(p, "cme", result->cme, "+CME ERROR");
	} else if (p->owed > 0) {
		p->owed--;
	} else if (!p->in_data || facts_seen(p, FACT_STARTED)) {
		/* not what package bytes got that came too late for data mode */
		facts_note(p, FACT_STRAY, 0, ok ? "OK" : "ERROR");
	}
}

static bool is_in_text(const char *text, struct slice part)
{
	return part.size > 0 && memmem(text, strlen(text), part.data, part.size) != NULL;
}

/* "+CSQ" of "+CSQ: 3,99" stands in "AT+CSQ". */
static bool answers(const char *command, struct slice line)
{
	const char *colon = memchr(line.data, ':', line.size);
	struct slice name = {line.data, colon ? (size_t)(colon - line.data) : line.size};

	return is_in_text(command, name);
}

static int commas(struct slice line)
{
	int n = 0;

	for (size_t i = 0; i < line.size; i++)
		n += line.data[i] == ',';
	return n;
}

/* LINE is an answer to what was sent, or its echo; it may be late. */
static bool is_ours(const struct pass *p, struct slice line, bool is(const char *command, struct slice line))
{
	for (unsigned i = 0; i < UNANSWERED && i < p->unanswered_count; i++)
		if (is(p->unanswered[i], line))
			return true;
	return is(p->command, line);
}

/* A line that only another program's doing explains. */
static void take_unsolicited(struct pass *p, struct slice line)
{
	const struct unsolicited *f;
	char text[FACT_TEXT];

	slice_copy(text, sizeof(text), line);
	if (slice_begins(line, "AT+") && !is_ours(p, line, is_in_text)) {
		facts_note(p, FACT_UNSOLICITED_ECHO, 0, text);
		p->talk_since_asked |= p->asked;
		for (size_t i = 0; (f = unsolicited_row(i)) != NULL; i++)
			if (f->manager && strncmp(text + 2, f->begins, strlen(f->begins) - 1) == 0)
				facts_note(p, FACT_MANAGER_TALK, 0, text);
	}
	for (size_t i = 0; (f = unsolicited_row(i)) != NULL; i++)
		if (slice_begins(line, f->begins) && (f->commas == 0 || f->commas == commas(line))) {
			if (is_ours(p, line, answers))
				return;
			facts_note(p, FACT_UNSOLICITED, 0, text);
			p->talk_since_asked |= p->asked;
			if (f->manager)
				facts_note(p, FACT_MANAGER_TALK, 0, text);
			return;
		}
}

/* Some bytes of WHOLE are missing in PART. */
static bool is_thinned(const char *whole, struct slice part)
{
	size_t at = 0;

	if (part.size >= strlen(whole))
		return false;
	for (; *whole && at < part.size; whole++)
		at += *whole == part.data[at];
	return at == part.size;
}

/* Each byte of WHOLE stands twice in PART. */
static bool is_doubled(const char *whole, struct slice part)
{
	if (part.size != 2 * strlen(whole))
		return false;
	for (size_t i = 0; i < part.size; i++)
		if (part.data[i] != whole[i / 2])
			return false;
	return true;
}

/* The echo of the command, damaged (faults.md B06). One that is cut short is
 * what ATE0 makes of it half way through. */
static void take_echo(struct pass *p, struct slice line)
{
	char text[FACT_TEXT];

	if (line.size < 3 || !slice_begins(line, "A") || slice_is(line, p->command) ||
	    (line.size < strlen(p->command) && memcmp(line.data, p->command, line.size) == 0))
		return;
	if (is_doubled(p->command, line) || (slice_begins(line, "AT") && is_thinned(p->command, line)))
		facts_note(p, FACT_ECHO_BROKEN, 0, slice_copy(text, sizeof(text), line));
}

/* The version and the IMEI, as modem_identify() asks for them. */
static void take_identification(struct pass *p, struct slice line)
{
	struct slice version = line;
	char text[FACT_TEXT], imei[IMEI_SIZE];

	if (strcmp(p->command, "AT+GSN") == 0 && who_imei(line, imei)) {
		if (p->identified && p->asked && !who_same_imei(imei, p->identity.imei))
			facts_note(p, FACT_OTHER_IMEI, 0, imei);
		return;
	}
	if (slice_begins(line, "Revision:")) {
		version.data += strlen("Revision:");
		version.size -= strlen("Revision:");
		version = slice_trim(version);
	} else if ((strcmp(p->command, "AT+CGMR") != 0 && strcmp(p->command, "AT+QGMR") != 0) || slice_begins(line, "AT")) {
		return;
	}
	/* a word of the boot is none (protocol/who.h) */
	slice_copy(text, sizeof(text), version);
	if (p->identified && !who_version_of(text, p->identity.model) &&
	    version_compare(text, p->identity.version) == VERSION_OTHER)
		return;
	slice_copy(p->version, sizeof(p->version), version);
	p->version_line = p->number;
	p->version_ms = p->t_ms;
}

static bool is_noise(const struct event *ev)
{
	for (size_t i = 0; i < ev->line.raw_size; i++) {
		unsigned char c = ev->line.raw[i];

		if ((c < 0x20 && c != '\t') || c >= 0x7f)
			return true;
	}
	return false;
}

/* A module that has left data mode, said so or not, echoes what is left of the package. */
static bool echoes_package(const struct pass *p)
{
	return p->in_data && !has_package(p) && (!p->data_over || is_package_command(p->command));
}

static void take_noise(struct pass *p, const char *text)
{
	if (echoes_package(p)) {
		facts_note(p, FACT_DATA_NOISE, 0, text);
		return;
	}
	facts_note(p, FACT_NOISE, 0, text);
	p->search.bursts += !p->search.noisy;
	p->search.noisy = true;
}

bool collect_installs(const struct pass *p)
{
	return course_installs(&p->course) && !p->unwatched;
}

/* How long it was silent since the last line while it installs. */
void collect_silence(struct pass *p)
{
	char text[64] = "";

	if (collect_installs(p) && p->heard_ms >= 0) {
		long silence_s = (long)((p->t_ms - p->heard_ms) / 1000);

		if (facts_keeps(p, FACT_SILENCE, silence_s))	/* at each line, and hardly ever */
			snprintf(text, sizeof(text), "%ld s (at %ld %%)", silence_s, p->course.percent);
		facts_note_at(p, FACT_SILENCE, p->heard_line, p->heard_ms, silence_s, text);
	}
	p->heard_ms = p->t_ms;
	p->heard_line = p->number;
}

/* What opens data mode came: CONNECT, or a word that the module takes the package. */
static void take_gate(struct pass *p)
{
	if (p->push && p->loads) {
		p->in_data = true;
		p->data_over = false;
	}
	if (p->gate_due && p->t_ms - p->gate_asked_ms >= facts_profile(p)->timers.gate_limit_ms)
		facts_note(p, FACT_LATE_GATE, (long)((p->t_ms - p->gate_asked_ms) / 1000), NULL);
	p->gate_due = false;
}

void collect_received(struct pass *p, const struct event *ev)
{
	struct slice line = slice_trim((struct slice){ev->line.text, strlen(ev->line.text)});
	struct at_result result = at_classify(line);

	collect_silence(p);
	/* who hears the module has the port: whoever held it is gone */
	facts_forget(p, FACT_PORT_HELD);
	facts_forget(p, FACT_PORT_HELD_GUESS);
	facts_forget(p, FACT_MODEM_MANAGER);
	/* a module that restarts, or changes its rate, spoils lines on any good wire */
	if (is_noise(ev) && p->t_ms >= p->unsettled_ms)
		take_noise(p, ev->line.text);
	if (p->in_flight && slice_is(line, p->command)) {
		p->echoed = true;
		p->unechoed &= !is_start(p->command);
	}
	p->heard |= result.class == AT_OK || result.class == AT_ERROR || slice_is(line, p->command);
	if (result.class == AT_CONNECT || (ev->line.meaning.is_fota && course_word(&ev->line.meaning.fota) == COURSE_DOWNLOADS))
		take_gate(p);
	if (result.class == AT_OK || result.class == AT_ERROR) {
		take_final(p, &result, ev->line.urc);
		return;
	}
	if (ev->line.meaning.is_fota) {
		take_fota(p, &ev->line.meaning.fota);
		return;
	}
	if (ev->line.urc)
		take_unsolicited(p, line);
	if (p->in_flight)
		take_echo(p, line);
	if (p->in_flight && !ev->line.urc)
		take_identification(p, line);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (slice_begins(line, lines[i].begins))
			lines[i].take(p, line);
}

void collect_sent(struct pass *p, const char *text)
{
	if (p->in_flight) {
		p->owed++;
		snprintf(p->unanswered[p->unanswered_count++ % UNANSWERED], COMMAND_NAME, "%s", p->command);
	}
	snprintf(p->command, sizeof(p->command), "%s", text);
	p->in_flight = true;
	p->context_seen = false;
	p->search.noisy = false;
	p->echoed_before = p->echoed;
	p->echoed = false;
	if (is_search(text) && !p->search.under_way) {
		p->search.before.noise = p->facts.of[FACT_NOISE];
		p->search.before.bursts = p->search.bursts;
	}
	p->search.under_way = is_search(text);
	if (is_package_command(text)) {
		p->loads = true;
		p->gate_due = p->push;
		p->gate_asked_ms = p->t_ms;
		facts_forget(p, FACT_LATE_GATE);
	}
	if (!is_start(text))
		return;
	p->asked = true;
	p->restarted_itself = p->pull_refused = false;
	p->unechoed = p->echoed_before;
	p->course = (struct course){0};
	p->asked_ms = p->t_ms;
	p->asked_line = p->number;
	facts_note(p, FACT_COMMAND, 0, NULL);
}
