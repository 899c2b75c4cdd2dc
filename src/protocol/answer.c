#include "config.h"

#include "protocol/answer.h"

#include "base/count.h"
#include "protocol/codes.h"

/* dBm = -113 + 2 x rssi, 99 unknown: protocol.md 7. */
static bool tell_signal(struct at_fields *f, struct message *m)
{
	long rssi;

	if (!at_field_number(f, 0, 99, &rssi) || (rssi > 31 && rssi < 99))
		return false;
	if (rssi == 99)
		message_set(m, MSG_SIGNAL_UNKNOWN, "");
	else
		message_set(m, MSG_SIGNAL, "dbm=%ld", -113 + 2 * rssi);
	return true;
}

/* An answer has the mode before the state; a message of the same name begins with
 * the state, and a string follows. */
static bool tell_registration(struct at_fields *f, struct message *m)
{
	static const enum message_id states[] = {
		MSG_NOT_SEARCHING, MSG_REGISTERED_HOME, MSG_SEARCHING, MSG_REGISTRATION_DENIED, MSG_OUT_OF_COVERAGE, MSG_ROAMING,
	};
	long first, second;

	if (!at_field_number(f, 0, COUNT(states) - 1, &first))
		return false;
	if (f->more && at_field_number(f, 0, COUNT(states) - 1, &second))
		first = second;
	message_set(m, states[first], "");
	return true;
}

static bool tell_sim(struct at_fields *f, struct message *m)
{
	struct slice state;
	char text[64];

	if (!at_field_any(f, &state) || !state.size)
		return false;
	if (slice_is(state, "READY"))
		message_set(m, MSG_SIM_READY, "");
	else
		message_set(m, MSG_SIM_NOT_READY, "state=%s", slice_copy(text, sizeof(text), state));
	return true;
}

/* +QIND: "csq",<rssi>,<ber>; of "FOTA" see below. */
static bool tell_indication(struct at_fields *f, struct message *m)
{
	struct slice what;

	return at_field_string(f, &what) && slice_is(what, "csq") && tell_signal(f, m);
}

/* +CBC: <bcs>,<bcl>,<mV> */
static bool tell_supply(struct at_fields *f, struct message *m)
{
	long mv;

	if (!at_field_skip(f) || !at_field_skip(f) || !at_field_number(f, 1, 100000, &mv))
		return false;
	message_set(m, MSG_SUPPLY, "mv=%ld", mv);
	return true;
}

static const struct {
	const char *prefix;
	bool (*tell)(struct at_fields *f, struct message *m);
} answers[] = {
	{ "+CSQ:", tell_signal },
	{ "+CREG:", tell_registration },
	{ "+CGREG:", tell_registration },
	{ "+CEREG:", tell_registration },
	{ "+CPIN:", tell_sim },
	{ "+QIND:", tell_indication },
	{ "+CBC:", tell_supply },
};

static bool tell_code(const char *table, long number, struct message *m)
{
	char meaning[128];

	codes_meaning(meaning, sizeof(meaning), table, (int)number, NULL);
	if (!meaning[0])
		return false;
	message_set(m, MSG_CODE_MEANS, "table=%s number=%ld meaning=%s", table, number, meaning);
	return true;
}

static bool tell_fota(const struct fota_urc *urc, struct message *m)
{
	switch (urc->kind) {
	case FOTA_SOURCE_END:
		return urc->has_value && tell_code(codes_source(urc->source), urc->value, m);
	case FOTA_END:
		return urc->has_value && tell_code("end", urc->value, m);
	case FOTA_START:
		message_set(m, MSG_INSTALL_BEGINS, "");
		return true;
	case FOTA_UPDATING:
	case FOTA_RESTORE:
		if (urc->has_value)
			message_set(m, MSG_INSTALLS, "percent=%ld", urc->value);
		return urc->has_value;
	case FOTA_SOURCE_START:
	case FOTA_DOWNLOADING:
		message_set(m, MSG_DOWNLOADS, "");
		return true;
	case FOTA_RESUMED:
	case FOTA_NONE:
		break;
	}
	return false;
}

bool answer_meaning(const struct at_line *line, struct message *m)
{
	struct slice text = slice_trim(line->text);

	if (line->is.is_fota)
		return tell_fota(&line->is.fota, m);
	if (line->is.class == AT_ERROR)
		return line->is.cme >= 0 && slice_begins(text, "+CME") && tell_code("cme", line->is.cme, m);
	for (size_t i = 0; i < COUNT(answers); i++) {
		struct at_fields f = at_fields(text, answers[i].prefix);

		if (slice_begins(text, answers[i].prefix))
			return answers[i].tell(&f, m);
	}
	return false;
}

const char *answer_question(size_t index)
{
	static const char *const questions[] = {
		"ATI", "AT+CGMI", "AT+CGMM", "AT+CGMR", "AT+QGMR", "AT+GMM", "AT+GMR", "AT+GSN", "AT+CGSN",
		"AT+CBC", "AT+CMEE?", "AT+CPIN?", "AT+CSQ", "AT+CREG?", "AT+CGREG?", "AT+CEREG?", "AT+CGATT?", "AT+COPS?",
		"AT+CGDCONT?", "AT+QIACT?", "AT+IFC?", "AT+IPR?", "AT+QURCCFG=\"urcport\"", "AT+QINDCFG=\"all\"",
		"AT+QFOTADL=?",
	};

	return index < COUNT(questions) ? questions[index] : NULL;
}
